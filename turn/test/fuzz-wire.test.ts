import { expect, it } from 'vitest';
import { fuzzWire } from './support/fuzz-wire.ts';

it.each([1, 2, 3, 20_261_122])('survives hostile bytes, seed %i', (seed) => {
  const { accepted } = fuzzWire({ seed, count: 25_000 });
  // Most of what is accepted has changed bytes in it; a fuzz that is refused at the door shows nothing.
  expect(accepted).toBeGreaterThan(5_000);
});
