import { hash } from 'node:crypto';

export const HASH_BYTES = 32;
/** RFC 6962 §2.1: leaves and nodes are hashed with a byte of their own before them, so that none passes for the other. */
const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

/** One character a byte: Node makes such a string four times as fast as a buffer of the same bytes. */
const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes, 'binary');

/** SHA-256(0x00 || line). */
export const leafHash = (line: string): Buffer => {
  const bytes = Buffer.allocUnsafe(1 + Buffer.byteLength(line));
  bytes[0] = LEAF_PREFIX;
  bytes.write(line, 1);
  return Buffer.from(sha256(bytes), 'latin1');
};

/** A line in a buffer, after a byte that may be overwritten. */
export interface LineInPlace {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

/** Writes a line's leaf hash to its place among others. Nothing is copied. */
export const writeLeafHash = ({ buffer, start, end }: LineInPlace, leaves: Buffer, index: number): void => {
  buffer[start - 1] = LEAF_PREFIX;
  leaves.write(sha256(buffer.subarray(start - 1, end)), index * HASH_BYTES, 'latin1');
};

/**
 * The root of the tree over leaf hashes that stand one after the other, 32 bytes each: MTH of RFC 6962 §2.1. Pairing
 * level by level, a last one without a partner going up as it is, gives that tree. Of no leaf: SHA-256 of nothing.
 */
export const merkleRoot = (leaves: Uint8Array): Buffer => {
  let count = leaves.length / HASH_BYTES;
  if (count === 0) return Buffer.from(sha256(new Uint8Array()), 'latin1');
  const level = Buffer.from(leaves);
  const node = Buffer.alloc(1 + 2 * HASH_BYTES, NODE_PREFIX);
  while (count > 1) {
    const pairs = count >> 1;
    for (let pair = 0; pair < pairs; pair += 1) {
      level.copy(node, 1, pair * 2 * HASH_BYTES, (pair + 1) * 2 * HASH_BYTES);
      level.write(sha256(node), pair * HASH_BYTES, 'latin1');
    }
    if (count % 2 === 1) level.copy(level, pairs * HASH_BYTES, (count - 1) * HASH_BYTES, count * HASH_BYTES);
    count = pairs + (count % 2);
  }
  return level.subarray(0, HASH_BYTES);
};
