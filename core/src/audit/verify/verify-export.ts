import { Batch } from './batch.ts';
import { EVENT_LINE_BEGIN, readEventLine } from './canonical-event.ts';
import { type ExportOpening, formatClosing, parseMissingHead, parseOpening, UNSEALED_LINE } from './export-format.ts';
import { type Finding, Findings } from './findings.ts';
import { canonicalHead, HEAD_LINE_BEGIN, parseHeadLine, type SealedHead } from './head.ts';
import { HeadChain } from './head-chain.ts';
import { KeyRing } from './key-ring.ts';
import { Lateness } from './lateness.ts';
import { LineReader } from './lines.ts';
import type { PublicKey } from './public-key.ts';
import { PublishedHeads } from './published-heads.ts';

export interface VerifyOptions {
  readonly exportFile: string;
  /** Where the file port wrote the heads. Without it, a trail whose end was cut off looks whole. */
  readonly headsFile?: string | undefined;
  readonly keys: readonly PublicKey[];
}

export interface Verdict {
  readonly events: number;
  readonly heads: number;
  /** Events at the end that wait for their head: nothing is known of them. */
  readonly unsealedEvents: number;
  /** Undefined where the export did not begin as one. */
  readonly opening: ExportOpening | undefined;
  readonly lastSealedAt: string | undefined;
  /** Lines of the file of published heads that are none. */
  readonly unreadablePublished: number;
  /** None: the trail is what it was when it was sealed. */
  readonly findings: readonly Finding[];
  /** Findings in all; the list has the first ten thousand. */
  readonly findingCount: number;
}

/**
 * Checks an export against its heads and, where given, the heads that were published. Reads the files once, a second
 * time where heads do not fit together. Memory does not grow with the files. Throws where a file cannot be read.
 */
export const verifyExport = (options: VerifyOptions): Verdict => {
  const quick = runOver(options, SIGNATURES_MAX);
  return quick.concernHeads && quick.verdict.heads > SIGNATURES_MAX
    ? runOver(options, Infinity).verdict
    : quick.verdict;
};

/** About a second and a half of checking. */
const SIGNATURES_MAX = 20_000;

const runOver = (options: VerifyOptions, signaturesMax: number): { verdict: Verdict; concernHeads: boolean } => {
  using reader = new LineReader(options.exportFile);
  using published = new PublishedHeads(options.headsFile);
  const walk = new Walk({ reader, published, keys: new KeyRing(options.keys), signaturesMax });
  return { verdict: walk.run(), concernHeads: walk.findings.concernHeads };
};

/** One pass over an export. */
class Walk {
  readonly findings = new Findings();
  readonly #reader: LineReader;
  readonly #published: PublishedHeads;
  readonly #keys: KeyRing;
  readonly #signaturesMax: number;
  readonly #lateness = new Lateness();
  readonly #batch = new Batch();
  #chain: HeadChain | undefined;
  #opening: ExportOpening | undefined;
  /** What the events read now are compared with; undefined: they stand under no head that can be believed. */
  #sealed: SealedHead | undefined;
  #versions: readonly SealedHead[] = [];
  #isUnsealed = false;
  #isClosed = false;
  #counts = { events: 0, heads: 0, unsealedEvents: 0 };
  #lastSealedAt: string | undefined;

  constructor(options: { reader: LineReader; published: PublishedHeads; keys: KeyRing; signaturesMax: number }) {
    this.#reader = options.reader;
    this.#published = options.published;
    this.#keys = options.keys;
    this.#signaturesMax = options.signaturesMax;
  }

  run(): Verdict {
    this.#opening = this.#reader.next() ? parseOpening(this.#reader.text) : undefined;
    if (this.#opening === undefined) this.findings.add({ kind: 'export-headless', line: 1 });
    else {
      const firstSequence = this.#opening.firstHead;
      this.#chain = new HeadChain({
        keys: this.#keys,
        findings: this.findings,
        signaturesMax: this.#signaturesMax,
        firstSequence,
      });
      this.#passOver(firstSequence);
      while (this.#reader.next()) this.#line();
      this.#finishBatch();
      this.#tail(this.#opening);
      this.#chain.end();
      if (!this.#isClosed) this.findings.add({ kind: 'export-incomplete' });
    }
    return {
      ...this.#counts,
      opening: this.#opening,
      lastSealedAt: this.#lastSealedAt,
      unreadablePublished: this.#published.unreadable,
      findings: this.findings.list,
      findingCount: this.findings.count,
    };
  }

  #line(): void {
    const { buffer, start, end } = this.#reader;
    const kind = buffer.toString('latin1', start, Math.min(end, start + EVENT_LINE_BEGIN.length));
    if (kind === EVENT_LINE_BEGIN) this.#event();
    else if (kind.startsWith(HEAD_LINE_BEGIN)) this.#head();
    else this.#marker(this.#reader.text);
  }

  #event(): void {
    const { buffer, start, end, number: line } = this.#reader;
    this.#counts.events += 1;
    const event = readEventLine(buffer.toString('latin1', start, end));
    if (event === undefined) {
      this.findings.add({ kind: 'event-unreadable', line });
      return;
    }
    const where = { ids: String(event.id), line };
    if (this.#lateness.isLate(event)) this.findings.add({ kind: 'event-late', ...where });
    if (this.#isUnsealed) this.#counts.unsealedEvents += 1;
    else if (!this.#batch.add(event.id, this.#reader)) this.findings.add({ kind: 'event-added', ...where });
  }

  #head(): void {
    this.#finishBatch();
    const line = this.#reader.number;
    const { text } = this.#reader;
    this.#counts.heads += 1;
    const sealed = parseHeadLine(text);
    if (sealed === undefined) {
      const claimed = Number(/"sequence":(\d{1,15})/.exec(text)?.[1]);
      this.findings.add({ kind: 'head-unreadable', ...(claimed > 0 ? { head: claimed } : {}), line });
      if (claimed > Number(this.#chain?.sequence)) this.#missing(claimed);
      return;
    }
    const { sequence } = sealed.head;
    this.#passOver(sequence);
    const given = this.#published.take(sequence);
    const isSame = given !== undefined && canonicalHead(given.head) === canonicalHead(sealed.head);
    const published = isSame ? given : this.#believed(given);
    this.#sealed = this.#chain?.next(sealed, published, line);
    this.#versions = published === undefined ? [sealed] : [sealed, published];
    this.#lastSealedAt = sealed.head.sealedAt;
    if (this.#sealed !== undefined) this.#lateness.begin(this.#sealed.head);
  }

  #marker(text: string): void {
    const missing = parseMissingHead(text);
    this.#finishBatch();
    if (missing !== undefined && missing > Number(this.#chain?.sequence)) this.#missing(missing);
    else if (text === UNSEALED_LINE) {
      this.#isUnsealed = true;
      this.#lateness.beginUnsealed(this.#opening?.exportedAt ?? '');
    } else if (text === formatClosing(this.#counts) && !this.#isClosed) this.#isClosed = true;
    else if (!text.startsWith('{"end":')) this.findings.add({ kind: 'line-unreadable', line: this.#reader.number });
  }

  /** The head of the events that come next is gone; the published one tells what they should be. */
  #missing(sequence: number): void {
    this.#passOver(sequence);
    const published = this.#believed(this.#published.take(sequence));
    this.#chain?.skip(sequence, published);
    this.#sealed = published;
    this.#versions = published === undefined ? [] : [published];
  }

  /** Heads that were published and that the export does not have, nor their events. */
  #passOver(sequence: number, sealedUntil?: string): void {
    for (;;) {
      const given = this.#published.takeBefore(sequence);
      if (given === undefined) return;
      const { head } = given;
      const isAsked = head.sequence > Number(this.#chain?.sequence) && !(sealedUntil && head.sealedAt > sealedUntil);
      if (!isAsked || this.#believed(given) === undefined) continue;
      this.#chain?.skip(head.sequence, given);
      if (head.ids !== '') this.findings.add({ kind: 'event-missing', head: head.sequence, ids: head.ids });
    }
  }

  #believed(published: SealedHead | undefined): SealedHead | undefined {
    if (published === undefined || this.#keys.check(published) !== 'good') return undefined;
    this.#keys.learn(published.head);
    return published;
  }

  /** The end of the trail is where the published heads end, as far as they were signed before the export was made. */
  #tail({ exportedAt, lastHead }: ExportOpening): void {
    this.#passOver(lastHead === null ? Number.MAX_SAFE_INTEGER : lastHead + 1, exportedAt);
  }

  #finishBatch(): void {
    if (this.#sealed !== undefined) this.#batch.compare(this.#sealed, this.#versions, this.findings);
    this.#batch.clear();
    this.#sealed = undefined;
    this.#versions = [];
  }
}
