import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIdRanges, parseIdRanges } from './id-ranges.ts';

describe('ids in ranges', () => {
  it('come back as they went', () => {
    const ids = fc.uniqueArray(
      fc.oneof(
        fc.integer({ min: 1, max: 60 }),
        fc.maxSafeNat().map((n) => (n % 1e15) + 1),
      ),
    );
    fc.assert(
      fc.property(ids, (some) => {
        const sorted = some.toSorted((a, b) => a - b);
        expect(parseIdRanges(formatIdRanges(sorted), 1_000)).toEqual(sorted);
      }),
    );
    expect(formatIdRanges([3, 4, 5, 7, 9, 10])).toBe('3-5,7,9-10');
  });

  it.each(['0', '1,', ',1', '1-', '2-1', '1-1', '1,1', '1,2', '3,1', '1-3,2', '01', 'x', '1-2000', '1e3', ' 1'])(
    'have no second way to be written: %s',
    (text) => {
      expect(parseIdRanges(text, 1_000)).toBeUndefined();
    },
  );
});
