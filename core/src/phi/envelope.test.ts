import { randomBytes } from 'node:crypto';
import fc, { type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Binding, lengthPrefixed, OVERHEAD_BYTES, openText, SealBroken, sealText, versionOf } from './envelope.ts';

const key = randomBytes(32);
const binding: Binding = { table: 'messages', column: 'text', row: 'encounter/message', owner: 'clinic/person:1' };
const sealed = (text: string, change: Partial<Binding> = {}, version = 1): Buffer =>
  sealText(text, { key, version, nonce: randomBytes(12), binding: { ...binding, ...change } });
const open = (bytes: Buffer, change: Partial<Binding> = {}, by: Buffer = key): string =>
  openText(bytes, { key: by, binding: { ...binding, ...change } });

const texts: Arbitrary<string> = fc.string({ unit: 'grapheme', maxLength: 200 });
const bindings: Arbitrary<Binding> = fc.record({
  table: fc.string({ maxLength: 20 }),
  column: fc.string({ maxLength: 20 }),
  row: fc.string({ maxLength: 80 }),
  owner: fc.string({ maxLength: 80 }),
});

describe('a sealed value', () => {
  it('opens to what was sealed, where it was sealed', () => {
    fc.assert(
      fc.property(texts, bindings, fc.integer({ min: 1, max: 0x7fff_ffff }), (text, where, version) => {
        const bytes = sealText(text, { key, version, nonce: randomBytes(12), binding: where });
        expect(bytes).toHaveLength(Buffer.byteLength(text) + OVERHEAD_BYTES);
        expect(versionOf(bytes)).toBe(version);
        expect(openText(bytes, { key, binding: where })).toBe(text);
      }),
    );
  });

  it('is another one each time, and shows nothing of the text', () => {
    expect(sealed('fever').equals(sealed('fever'))).toBe(false);
    fc.assert(
      fc.property(fc.string({ minLength: 6, maxLength: 50 }), (text) => {
        expect(sealed(text).includes(text)).toBe(false);
      }),
    );
  });

  it('does not open in another table, column, row or for anybody else, nor with another key', () => {
    fc.assert(
      fc.property(fc.constantFrom('table', 'column', 'row', 'owner'), fc.string({ maxLength: 30 }), (part, other) => {
        if (other !== binding[part as keyof Binding])
          expect(() => open(sealed('fever'), { [part]: other })).toThrow(SealBroken);
      }),
    );
    expect(() => open(sealed('fever'), {}, randomBytes(32))).toThrow(SealBroken);
    // What belongs to one part cannot be passed off as the other's.
    expect(() => open(sealed('fever', { table: 'ab', column: 'c' }), { table: 'a', column: 'bc' })).toThrow(SealBroken);
  });

  it('does not open once a bit of it was changed, or any of it cut off or added', () => {
    const bytes = sealed('fever since Tuesday', {}, 7);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(() => open(changed)).toThrow(SealBroken);
    }
    for (let length = 0; length < bytes.length; length++)
      expect(() => open(bytes.subarray(0, length))).toThrow(SealBroken);
    expect(() => open(Buffer.concat([bytes, Buffer.alloc(1)]))).toThrow(SealBroken);
  });

  it('refuses whatever else it is given, in one way', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => open(Buffer.from(bytes))).toThrow(SealBroken);
      }),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: OVERHEAD_BYTES, maxLength: 200 }), (bytes) => {
        bytes.set([1, 0, 0, 0, 1]);
        expect(() => open(Buffer.from(bytes))).toThrow(SealBroken);
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes no nonce of another length', () => {
    expect(() => sealText('fever', { key, version: 1, nonce: randomBytes(8), binding })).toThrow(RangeError);
  });
});

describe('what is bound', () => {
  it('is the same bytes for the same parts alone', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6 }), fc.uint8Array({ maxLength: 6 }), (one, other) => {
        const [a, b] = [one, other].map((bytes) => [...bytes].map((byte) => String.fromCharCode(97 + (byte % 3))));
        const same = JSON.stringify(a) === JSON.stringify(b);
        expect(lengthPrefixed(...(a ?? [])).equals(lengthPrefixed(...(b ?? [])))).toBe(same);
      }),
    );
  });
});
