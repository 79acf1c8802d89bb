import { hash } from 'node:crypto';

export const HASH_BYTES = 32;
/** RFC 6962 §2.1: leaves and nodes are hashed with a byte of their own before them, so that none passes for the other. */
export const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

const sha256 = (bytes: Uint8Array): Buffer => hash('sha256', bytes, 'buffer');

/** SHA-256(0x00 || line). */
export const leafHash = (line: string): Buffer => {
  const bytes = Buffer.allocUnsafe(1 + Buffer.byteLength(line));
  bytes[0] = LEAF_PREFIX;
  bytes.write(line, 1);
  return sha256(bytes);
};

/** The same for a line that stands in a buffer after a byte that may be overwritten: nothing is copied. */
export const leafHashInPlace = (buffer: Buffer, start: number, end: number): Buffer => {
  buffer[start - 1] = LEAF_PREFIX;
  return sha256(buffer.subarray(start - 1, end));
};

/**
 * The root of the tree over leaf hashes that stand one after the other, 32 bytes each: MTH of RFC 6962 §2.1. Pairing
 * level by level, a last one without a partner going up as it is, gives that tree. Of no leaf: SHA-256 of nothing.
 */
export const merkleRoot = (leaves: Uint8Array): Buffer => {
  let count = leaves.length / HASH_BYTES;
  if (count === 0) return sha256(new Uint8Array());
  const level = Buffer.from(leaves);
  const node = Buffer.alloc(1 + 2 * HASH_BYTES, NODE_PREFIX);
  while (count > 1) {
    const pairs = count >> 1;
    for (let pair = 0; pair < pairs; pair += 1) {
      level.copy(node, 1, pair * 2 * HASH_BYTES, (pair + 1) * 2 * HASH_BYTES);
      sha256(node).copy(level, pair * HASH_BYTES);
    }
    if (count % 2 === 1) level.copy(level, pairs * HASH_BYTES, (count - 1) * HASH_BYTES, count * HASH_BYTES);
    count = pairs + (count % 2);
  }
  return level.subarray(0, HASH_BYTES);
};
