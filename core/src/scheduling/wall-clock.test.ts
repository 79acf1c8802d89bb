import fc from 'fast-check';
import { IANAZone } from 'luxon';
import { describe, expect, it } from 'vitest';
import { dayOf, isTimeZone, resolveWallClock, startOfDay, weekdayOf } from './wall-clock.ts';
import { offsetAt } from './wall-clock-offsets.ts';

const MINUTE_MS = 60_000;
const ms = (instant: string) => Date.parse(instant);
const wall = (text: string) => ms(`${text}:00Z`);
const ZONES = [
  'Africa/Casablanca',
  'America/New_York',
  'America/St_Johns',
  'Antarctica/Troll',
  'Asia/Beirut',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Europe/Dublin',
  'Pacific/Apia',
  'UTC',
];
const anyZone = fc.constantFrom(...ZONES);
const anyMinute = fc.integer({ min: ms('2020-01-01T00:00Z') / MINUTE_MS, max: ms('2038-01-01T00:00Z') / MINUTE_MS });
const runs = { seed: 20_261_122, numRuns: 500 };

describe('a reading of the clock', () => {
  it.each([
    ['an hour', 'America/New_York', '2026-03-08T02:30', '2026-03-08T07:00:00Z'],
    ['half an hour', 'Australia/Lord_Howe', '2026-10-04T02:10', '2026-10-03T15:30:00Z'],
    ['two hours', 'Antarctica/Troll', '2026-03-29T02:59', '2026-03-29T01:00:00Z'],
    ['a whole day', 'Pacific/Apia', '2011-12-30T12:00', '2011-12-30T10:00:00Z'],
  ])('that the clock jumps over, by %s, is a gap at the jump', (_, zone, reading, jump) => {
    expect(resolveWallClock(wall(reading), zone)).toEqual({ kind: 'gap', atMs: ms(jump) });
  });

  it('that comes twice is the first of the two', () => {
    expect(resolveWallClock(wall('2026-11-01T01:30'), 'America/New_York')).toEqual({
      kind: 'instant',
      atMs: ms('2026-11-01T05:30:00Z'),
    });
  });

  it('resolves to an instant at which the clock shows it, or to a gap (seeded)', () => {
    fc.assert(
      fc.property(anyZone, anyMinute, (zone, minute) => {
        const found = resolveWallClock(minute * MINUTE_MS, zone);
        const shown = found.atMs + offsetAt(zone, found.atMs);
        if (found.kind === 'instant') expect(shown).toBe(minute * MINUTE_MS);
        else expect(shown).toBeGreaterThan(minute * MINUTE_MS);
      }),
      runs,
    );
  });

  it('never resolves to an earlier instant than an earlier reading (seeded)', () => {
    fc.assert(
      fc.property(anyZone, anyMinute, fc.nat(300), (zone, minute, later) => {
        const [one, other] = [minute, minute + later].map((at) => resolveWallClock(at * MINUTE_MS, zone).atMs);
        expect(one).toBeLessThanOrEqual(other ?? 0);
      }),
      runs,
    );
  });
});

describe('days', () => {
  it('are counted in the zone, not in UTC', () => {
    const newYork = 'America/New_York';
    expect(dayOf(ms('2026-03-01T03:00:00Z'), newYork)).toBe(dayOf(ms('2026-02-28T12:00:00Z'), newYork));
    expect(weekdayOf(dayOf(ms('2026-03-02T12:00:00Z'), newYork))).toBe(1);
    expect(weekdayOf(-4)).toBe(7);
  });

  it('whose midnight does not exist begin at the jump', () => {
    const day = dayOf(ms('2026-03-29T12:00:00Z'), 'Asia/Beirut');
    expect(startOfDay(day, 'Asia/Beirut')).toBe(ms('2026-03-28T22:00:00Z'));
  });
});

describe('offsets', () => {
  it('are luxon’s, at any instant (seeded)', () => {
    fc.assert(
      fc.property(anyZone, anyMinute, (zone, minute) => {
        const atMs = minute * MINUTE_MS;
        expect(offsetAt(zone, atMs)).toBe(IANAZone.create(zone).offset(atMs) * MINUTE_MS);
      }),
      runs,
    );
  });

  it('change at the very millisecond', () => {
    const jump = ms('2026-03-08T07:00:00Z');
    expect([jump - 1, jump].map((at) => offsetAt('America/New_York', at) / 3_600_000)).toEqual([-5, -4]);
  });
});

describe('a zone', () => {
  it('is a name of the tz database; an offset knows no summer', () => {
    for (const zone of ZONES) expect(isTimeZone(zone)).toBe(true);
    for (const name of ['', '+02:00', '-0500', 'Mars/Olympus', 'America/New York', '../UTC'])
      expect(isTimeZone(name)).toBe(false);
  });

  it('that is none cannot be asked', () => {
    expect(() => offsetAt('Mars/Olympus', 0)).toThrow(RangeError);
  });
});
