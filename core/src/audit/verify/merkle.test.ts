import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leafHash, merkleRoot, writeLeafHash } from './merkle.ts';

const sha256 = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
const byte = (value: number) => Uint8Array.of(value);

/** RFC 6962 §2.1, word by word. */
const mth = (leaves: readonly Uint8Array[]): Buffer => {
  if (leaves.length === 0) return sha256();
  const [only] = leaves;
  if (leaves.length === 1 && only !== undefined) return Buffer.from(only);
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha256(byte(1), mth(leaves.slice(0, k)), mth(leaves.slice(k)));
};

const leaf: fc.Arbitrary<Uint8Array> = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('Merkle tree', () => {
  it('has the root that RFC 6962 defines, for every number of leaves', () => {
    fc.assert(
      fc.property(fc.array(leaf, { maxLength: 200 }), (leaves) => {
        expect(merkleRoot(Buffer.concat(leaves))).toEqual(mth(leaves));
      }),
      { numRuns: 300 },
    );
  });

  it('changes with every leaf: edited, left out, doubled, or in another order', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(leaf, { minLength: 2, maxLength: 64, comparator: (a, b) => Buffer.compare(a, b) === 0 }),
        fc.nat(),
        fc.nat(),
        (leaves, first, second) => {
          const root = merkleRoot(Buffer.concat(leaves));
          const i = first % leaves.length;
          const j = (i + 1 + (second % (leaves.length - 1))) % leaves.length;
          const at = (index: number): Uint8Array => leaves[index] ?? byte(0);
          const changed = [
            leaves.with(i, sha256(at(i))),
            leaves.toSpliced(i, 1),
            leaves.toSpliced(i, 0, at(i)),
            leaves.with(i, at(j)).with(j, at(i)),
          ];
          for (const other of changed) expect(merkleRoot(Buffer.concat(other))).not.toEqual(root);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('hashes a leaf alike as text and in place, and never as a node', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (line) => {
        const buffer = Buffer.from(`\n${line}\n`);
        const leaves = Buffer.alloc(64);
        writeLeafHash({ buffer, start: 1, end: buffer.length - 1 }, leaves, 1);
        expect(leaves.subarray(32)).toEqual(leafHash(line));
        expect(leafHash(line)).toEqual(sha256(byte(0), Buffer.from(line)));
      }),
    );
    expect(leafHash('').toString('hex')).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
  });
});
