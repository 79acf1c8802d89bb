import { describe, expect, it } from 'vitest';
import { leastLoaded, loadBetween } from './load.ts';

describe('loadBetween', () => {
  it.each([
    { cpuMs: 250, elapsedMs: 1_000, load: 0.25 },
    { cpuMs: 0, elapsedMs: 1_000, load: 0 },
    { cpuMs: 1_100, elapsedMs: 1_000, load: 1 },
    { cpuMs: -5, elapsedMs: 1_000, load: 0 },
    { cpuMs: 5, elapsedMs: 0, load: 0 },
  ])('$cpuMs ms of CPU in $elapsedMs ms is $load', ({ cpuMs, elapsedMs, load }) => {
    expect(loadBetween({ cpuMs: 100, atMs: 100 }, { cpuMs: 100 + cpuMs, atMs: 100 + elapsedMs })).toBe(load);
  });
});

describe('leastLoaded', () => {
  it('prefers the idle one', () => {
    expect(
      leastLoaded([
        { load: 0.6, rooms: 1 },
        { load: 0.1, rooms: 3 },
      ]),
    ).toEqual({ load: 0.1, rooms: 3 });
  });

  it('spreads rooms whose media does not flow yet', () => {
    expect(
      leastLoaded([
        { load: 0, rooms: 2 },
        { load: 0, rooms: 1 },
      ]),
    ).toEqual({ load: 0, rooms: 1 });
  });

  it('is undefined when there is none', () => {
    expect(leastLoaded([])).toBeUndefined();
  });
});
