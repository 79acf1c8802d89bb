import type { Findings } from './findings.ts';
import { HEAD_EVENTS_MAX, idsOf, type SealedHead } from './head.ts';
import { formatIdRanges } from './id-ranges.ts';
import { HASH_BYTES, type LineInPlace, merkleRoot, writeLeafHash } from './merkle.ts';

/** More events than this under one head are not compared one by one: each is one too many. */
const KEPT_MAX = 2 * HEAD_EVENTS_MAX;

/** The events that an export shows under one head, as leaf hashes. */
export class Batch {
  readonly #leaves = Buffer.allocUnsafe(KEPT_MAX * HASH_BYTES);
  readonly #ids: number[] = [];
  #firstLine = 0;

  clear(): void {
    this.#ids.length = 0;
  }

  /** False where there are too many. Events come from lines that follow each other. */
  add(id: number, line: LineInPlace & { readonly number: number }): boolean {
    const count = this.#ids.length;
    if (count === KEPT_MAX) return false;
    if (count === 0) this.#firstLine = line.number;
    writeLeafHash(line, this.#leaves, count);
    this.#ids.push(id);
    return true;
  }

  /**
   * Compares with what was sealed: the root tells whether anything differs, the leaf hashes which event it is. Of
   * several versions of the head (the export's, the published one) any may have kept its leaf hashes.
   */
  compare(sealed: SealedHead, versions: readonly SealedHead[], findings: Findings): void {
    const { head } = sealed;
    const root = merkleRoot(this.#leaves.subarray(0, this.#ids.length * HASH_BYTES));
    if (this.#ids.length === head.count && root.toString('base64url') === head.root) {
      if (versions.some(({ leaves }) => leaves.compare(this.#leaves, 0, head.count * HASH_BYTES) !== 0))
        findings.add({ kind: 'head-leaves-edited', head: head.sequence });
      return;
    }
    const isHeads = ({ leaves }: SealedHead): boolean =>
      leaves.length === head.count * HASH_BYTES && merkleRoot(leaves).toString('base64url') === head.root;
    this.#explain(
      { sequence: head.sequence, ids: idsOf(head) ?? [], leaves: versions.find(isHeads)?.leaves },
      findings,
    );
  }

  #explain(
    sealed: { readonly sequence: number; readonly ids: readonly number[]; readonly leaves: Buffer | undefined },
    findings: Findings,
  ): void {
    const head = sealed.sequence;
    const places = new Map(sealed.ids.map((id, index) => [id, index]));
    const seen = new Set<number>();
    const before = findings.count;
    let outOfOrder: { ids: string; line: number } | undefined;
    for (const [index, id] of this.#ids.entries()) {
      const at = { head, ids: String(id), line: this.#firstLine + index };
      const place = places.get(id);
      if (place === undefined) findings.add({ kind: 'event-added', ...at });
      else if (seen.has(id)) findings.add({ kind: 'event-duplicated', ...at });
      else if (sealed.leaves !== undefined && this.#leafAt(index).compare(leafOf(sealed.leaves, place)) !== 0)
        findings.add({ kind: 'event-edited', ...at });
      if (place !== undefined && id < Number(this.#ids[index - 1])) outOfOrder ??= at;
      seen.add(id);
    }
    const missing = sealed.ids.filter((id) => !seen.has(id));
    if (missing.length > 0) findings.add({ kind: 'event-missing', head, ids: formatIdRanges(missing) });
    if (outOfOrder !== undefined) findings.add({ kind: 'events-out-of-order', head, ...outOfOrder });
    // The numbers are all there, and nothing is left that would say whose content differs.
    if (findings.count === before || sealed.leaves === undefined)
      findings.add({ kind: 'batch-changed', head, ids: formatIdRanges(sealed.ids) });
  }

  #leafAt(index: number): Buffer {
    return leafOf(this.#leaves, index);
  }
}

const leafOf = (leaves: Buffer, index: number): Buffer => leaves.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
