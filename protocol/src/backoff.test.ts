import fc from 'fast-check';
import { expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';

const options = { baseMs: 100, maxMs: 1_000 };

it('doubles up to the ceiling and draws the upper half by lot', () => {
  const bounds = (attempt: number) => [() => 0, () => 1].map((random) => backoffMs({ ...options, attempt, random }));
  expect([0, 1, 2, 3, 4, 5].map(bounds)).toEqual([
    [50, 100],
    [100, 200],
    [200, 400],
    [400, 800],
    [500, 1_000],
    [500, 1_000],
  ]);
});

it('never leaves its bounds, however often it is tried', () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, draw) => {
      const delayMs = backoffMs({ ...options, attempt, random: () => draw });
      expect(delayMs).toBeGreaterThanOrEqual(50);
      expect(delayMs).toBeLessThanOrEqual(1_000);
    }),
  );
});
