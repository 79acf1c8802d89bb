import type { KeyObject } from 'node:crypto';
import { hash, sign, verify } from 'node:crypto';
import { parseIdRanges } from './id-ranges.ts';
import { HASH_BYTES } from './merkle.ts';

export const HEAD_VERSION = 1;
/** Events under one head at the most. */
export const HEAD_EVENTS_MAX = 8_192;
/** `previous` of the first head. */
export const NO_HEAD = Buffer.alloc(HASH_BYTES).toString('base64url');

/** What is signed for a batch of events, and chained to the head before it. Hashes and keys are base64url. */
export interface Head {
  readonly count: number;
  /** The events' ids, ascending, as `formatIdRanges` writes them: the order of the leaves. */
  readonly ids: string;
  /** RFC 7638 thumbprint of the key that signs this head. */
  readonly keyId: string;
  /** The public key (`x` of RFC 8037 §2) that signs from the next head on, or null where the key stays. */
  readonly nextKey: string | null;
  /** `headHash` of the head before this one. */
  readonly previous: string;
  readonly root: string;
  readonly sealedAt: string;
  /** From 1, without gaps. */
  readonly sequence: number;
  /** Every event that was committed before this instant stands under this head or an earlier one. */
  readonly settledAt: string;
}

/** A head with what proves it and what helps to find out which event was changed. */
export interface SealedHead {
  readonly head: Head;
  /** The batch's leaf hashes one after the other. Not signed: they are right when their root is the head's. */
  readonly leaves: Buffer;
  readonly signature: Buffer;
}

/** By RFC 8785: members in the order of their names. */
export const canonicalHead = (head: Head): string =>
  JSON.stringify({
    count: head.count,
    ids: head.ids,
    keyId: head.keyId,
    nextKey: head.nextKey,
    previous: head.previous,
    root: head.root,
    sealedAt: head.sealedAt,
    sequence: head.sequence,
    settledAt: head.settledAt,
    v: HEAD_VERSION,
  });

/** Makes the signature worth nothing for any other text that the same key might sign. */
const SIGNED_AS = 'bedside-audit-head-v1\n';
/** Apart from leaves (0) and nodes (1). */
const HEAD_PREFIX = '\u0002';

/** What the next head names as `previous`. */
export const headHash = (head: Head): string => hash('sha256', HEAD_PREFIX + canonicalHead(head), 'base64url');

export const signHead = (head: Head, privateKey: KeyObject): Buffer =>
  sign(null, Buffer.from(SIGNED_AS + canonicalHead(head)), privateKey);

export const isSignedBy = (publicKey: KeyObject, { head, signature }: SealedHead): boolean =>
  verify(null, Buffer.from(SIGNED_AS + canonicalHead(head)), publicKey, signature);

/** How a line of a head begins, in an export and where heads are published. */
export const HEAD_LINE_BEGIN = '{"head":';

export const formatHeadLine = ({ head, leaves, signature }: SealedHead): string =>
  `${HEAD_LINE_BEGIN}${canonicalHead(head)},"leaves":"${leaves.toString('base64url')}","signature":"${signature.toString('base64url')}"}`;

const isText = (value: unknown): value is string => typeof value === 'string';
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

const readHead = (value: unknown): Head | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  const head: Partial<Record<keyof Head, unknown>> = value;
  const { count, ids, keyId, nextKey, previous, root, sealedAt, sequence, settledAt } = head;
  if (!isCount(count) || count > HEAD_EVENTS_MAX || !isCount(sequence) || sequence < 1) return undefined;
  if (!isText(ids) || !isText(keyId) || !isText(previous) || !isText(root)) return undefined;
  if (!isText(sealedAt) || !isText(settledAt) || !(nextKey === null || isText(nextKey))) return undefined;
  if (Number.isNaN(Date.parse(sealedAt)) || Number.isNaN(Date.parse(settledAt))) return undefined;
  return { count, ids, keyId, nextKey, previous, root, sealedAt, sequence, settledAt };
};

/**
 * Reads a line that `formatHeadLine` could have written, byte for byte; anything else, be it the same members in
 * another order or one twice, is undefined.
 */
export const parseHeadLine = (line: string): SealedHead | undefined => {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { head: given, leaves, signature }: { head?: unknown; leaves?: unknown; signature?: unknown } = value;
  const head = readHead(given);
  if (head === undefined || !isText(leaves) || !isText(signature)) return undefined;
  const sealed = { head, leaves: Buffer.from(leaves, 'base64url'), signature: Buffer.from(signature, 'base64url') };
  if (formatHeadLine(sealed) !== line) return undefined;
  return idsOf(head) === undefined ? undefined : sealed;
};

/** The ids of the head's events; undefined where they contradict its count. */
export const idsOf = (head: Head): number[] | undefined => {
  const ids = parseIdRanges(head.ids, HEAD_EVENTS_MAX);
  return ids?.length === head.count ? ids : undefined;
};

/** The highest id under the head; 0 of none. */
export const lastIdOf = (head: Head): number => Number(/(\d*)$/.exec(head.ids)?.[1] ?? 0);
