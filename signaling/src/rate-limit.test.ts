import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateLimit } from './rate-limit.ts';

const WINDOWS = [
  { count: 50, windowMs: 1_000 },
  { count: 200, windowMs: 10_000 },
];

describe('RateLimit', () => {
  it('ENV8: allows 50 in a second and 200 in ten, not one more, and again when the window has moved on', () => {
    const limit = new RateLimit(WINDOWS);
    for (let n = 0; n < 50; n += 1) expect(limit.take(0)).toBe(true);
    expect(limit.take(999)).toBe(false);
    for (const second of [1, 2, 3]) for (let n = 0; n < 50; n += 1) expect(limit.take(second * 1_000)).toBe(true);
    expect(limit.take(9_999)).toBe(false);
    expect(limit.take(10_000)).toBe(true);
  });

  it('agrees with counting all instants', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 600 });
    fc.assert(
      fc.property(gaps, (steps) => {
        const limit = new RateLimit(WINDOWS);
        const taken: number[] = [];
        let now = 0;
        for (const gap of steps) {
          now += gap;
          const fits = WINDOWS.every(({ count, windowMs }) => taken.filter((at) => now - at < windowMs).length < count);
          expect(limit.take(now)).toBe(fits);
          if (fits) taken.push(now);
        }
      }),
      { seed: 7, numRuns: 50 },
    );
  });
});
