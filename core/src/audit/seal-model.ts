import type { AuditKey } from './audit-key.ts';
import { type EvidenceRow, toAuditRecord } from './audit-record.ts';
import { canonicalEvent } from './verify/canonical-event.ts';
import { type Head, NO_HEAD, type SealedHead, signHead } from './verify/head.ts';
import { formatIdRanges } from './verify/id-ranges.ts';
import { leafHash, merkleRoot } from './verify/merkle.ts';

/** Where nothing has settled yet. */
const LONG_AGO = new Date(0).toISOString();

/** What a head is chained to. */
export interface Link {
  readonly sequence: number;
  readonly hash: string;
  readonly settledAt: string;
}

/** Before the first head. */
export const FIRST_LINK: Link = { sequence: 0, hash: NO_HEAD, settledAt: LONG_AGO };

export interface SealOptions {
  readonly key: AuditKey;
  readonly link: Link;
  readonly rows: readonly EvidenceRow[];
  readonly sealedAt: Date;
  /** Whether no row was left that was committed before `sealedAt`. */
  readonly isDrained: boolean;
  /** The public key of the next heads, where this one ends the present key. */
  readonly nextKey?: string;
}

const byId = (a: EvidenceRow, b: EvidenceRow): number => Number(a.id) - Number(b.id);

/** Puts rows under a signed head that is chained to the one before it. */
export const seal = ({ key, link, rows, sealedAt, isDrained, nextKey }: SealOptions): SealedHead => {
  const sorted = rows.toSorted(byId);
  const leaves = Buffer.concat(sorted.map((row) => leafHash(canonicalEvent(toAuditRecord(row)))));
  const at = sealedAt.toISOString();
  const head: Head = {
    count: sorted.length,
    ids: formatIdRanges(sorted.map((row) => Number(row.id))),
    keyId: key.keyId,
    nextKey: nextKey ?? null,
    previous: link.hash,
    root: merkleRoot(leaves).toString('base64url'),
    sealedAt: at,
    sequence: link.sequence + 1,
    settledAt: isDrained ? at : link.settledAt,
  };
  return { head, leaves, signature: signHead(head, key.privateKey) };
};
