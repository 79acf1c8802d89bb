import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DataKey } from './data-key.ts';
import { KeyCache } from './key-cache.ts';

const newKey = () => {
  const bytes = randomBytes(32);
  return { bytes, key: new DataKey(bytes, 1), isOverwritten: () => bytes.every((byte) => byte === 0) };
};
const seal = (key: DataKey) =>
  key.seal('x', { nonce: randomBytes(12), binding: { table: '', column: '', row: '', owner: '' } });

describe('data keys in memory', () => {
  it('are overwritten when the last one who holds them lets go, and seal nothing after that', () => {
    const { key, isOverwritten } = newKey();
    key.retain();
    key.release();
    expect(isOverwritten()).toBe(false);
    seal(key);
    key.release();
    expect(isOverwritten()).toBe(true);
    expect(() => seal(key)).toThrow(/let go/);
    expect(() => key.retain()).toThrow(/let go/);
  });

  it('are kept in a bounded number, the longest kept leaving first', () => {
    const cache = new KeyCache({ size: 2, lifeMs: 1_000, clock: () => 0 });
    const keys = ['a', 'b', 'c'].map((id) => ({ id, ...newKey() }));
    for (const { id, key } of keys) {
      cache.keep(id, key);
      key.release();
    }
    expect(keys.map((one) => one.isOverwritten())).toEqual([true, false, false]);
    expect(cache.take('a')).toBeUndefined();
    expect(cache.size).toBe(2);
    cache.close();
    expect(keys.every((one) => one.isOverwritten())).toBe(true);
  });

  it('are kept for a while, however often they are used, and stay of use for who has one', () => {
    let now = 0;
    const cache = new KeyCache({ size: 2, lifeMs: 1_000, clock: () => now });
    const { key, isOverwritten } = newKey();
    cache.keep('a', key);
    key.release();
    now = 900;
    const taken = cache.take('a');
    now = 1_000;
    expect(cache.take('a')).toBeUndefined();
    expect(isOverwritten()).toBe(false);
    taken?.release();
    expect(isOverwritten()).toBe(true);
    cache.close();
  });

  it('are not kept at all where none may be', () => {
    for (const options of [
      { size: 0, lifeMs: 1_000 },
      { size: 10, lifeMs: 0 },
    ]) {
      const cache = new KeyCache({ ...options, clock: () => 0 });
      const { key, isOverwritten } = newKey();
      cache.keep('a', key);
      key.release();
      expect(isOverwritten()).toBe(true);
      cache.close();
    }
  });
});
