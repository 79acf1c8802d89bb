import { describe, expect, it } from 'vitest';
import { Moderation } from './moderation.ts';

/** Runs turns of one length that each handle so many packets; answers the last pause. */
const settle = (
  turns: number,
  options: { packets: number; everyMs: number },
  moderation = new Moderation(0),
): number => {
  let now = 0;
  let pause = 0;
  for (let turn = 0; turn < turns; turn += 1) {
    now += options.everyMs;
    pause = moderation.pauseMs(options.packets, now);
  }
  return pause;
};

describe('MODERATE1: moderation', () => {
  it('holds nothing up at the rates of a few visits', () => {
    expect(settle(1000, { packets: 1, everyMs: 0.2 })).toBe(0);
  });

  it('holds nothing up for one burst after a quiet time', () => {
    const moderation = new Moderation(0);
    settle(100, { packets: 1, everyMs: 20 }, moderation);
    expect(moderation.pauseMs(20, 2001)).toBe(0);
  });

  it('lets packets gather under load, for less than half a millisecond', () => {
    const pause = settle(1000, { packets: 2, everyMs: 0.05 });
    expect(pause).toBeGreaterThan(0.2);
    expect(pause).toBeLessThan(0.5);
  });

  it('does not hold up a loop whose turns are full', () => {
    expect(settle(1000, { packets: 200, everyMs: 1 })).toBe(0);
  });

  it('forgets a load that has gone', () => {
    const moderation = new Moderation(0);
    expect(settle(1000, { packets: 2, everyMs: 0.05 }, moderation)).toBeGreaterThan(0);
    expect(moderation.pauseMs(1, 60_000)).toBe(0);
  });
});
