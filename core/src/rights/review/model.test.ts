import { describe, expect, it } from 'vitest';
import { lastQuarter } from './model.ts';

describe('the last whole quarter', () => {
  it.each([
    ['2026-03-02T09:00:00Z', '2025-10-01', '2026-01-01'],
    ['2026-04-01T00:00:00Z', '2026-01-01', '2026-04-01'],
    ['2026-12-31T23:59:59Z', '2026-07-01', '2026-10-01'],
  ])('on %s begins on %s', (now, from, to) => {
    const quarter = lastQuarter(new Date(now));
    expect([quarter.from, quarter.to].map((at) => at.toISOString().slice(0, 10))).toEqual([from, to]);
  });
});
