import { describe, expect, it } from 'vitest';
import { expandWindows, freeSlots, localTime, minuteOfDay } from './slots.ts';
import { dayOf, resolveWallClock, startOfDay, weekdayOf } from './wall-clock.ts';

const NEW_YORK = 'America/New_York';
const ms = (instant: string) => Date.parse(instant);
const iso = (atMs: number) => new Date(atMs).toISOString().slice(0, 16);
const wall = (text: string) => ms(`${text}:00Z`);
const range = (from: string, to: string) => ({ startsAtMs: ms(from), endsAtMs: ms(to) });

describe('wall clock', () => {
  it('knows a reading that does not exist, in whole and in half hours', () => {
    expect(resolveWallClock(wall('2026-03-08T02:30'), NEW_YORK)).toEqual({
      kind: 'gap',
      atMs: ms('2026-03-08T07:00:00Z'),
    });
    // Lord Howe Island jumps half an hour, at 02:00 on the first Sunday of October.
    expect(resolveWallClock(wall('2026-10-04T02:10'), 'Australia/Lord_Howe')).toEqual({
      kind: 'gap',
      atMs: ms('2026-10-03T15:30:00Z'),
    });
  });

  it('takes the first of two', () => {
    expect(resolveWallClock(wall('2026-11-01T01:30'), NEW_YORK)).toEqual({
      kind: 'instant',
      atMs: ms('2026-11-01T05:30:00Z'),
    });
  });

  it('counts days in the zone, not in UTC', () => {
    expect(dayOf(ms('2026-03-01T03:00:00Z'), NEW_YORK)).toBe(dayOf(ms('2026-02-28T12:00:00Z'), NEW_YORK));
    expect(weekdayOf(dayOf(ms('2026-03-02T12:00:00Z'), NEW_YORK))).toBe(1);
    expect(weekdayOf(-4)).toBe(7);
  });

  it('begins a day whose midnight does not exist at the jump', () => {
    // Beirut jumps from 00:00 to 01:00.
    expect(iso(startOfDay(dayOf(ms('2026-03-29T12:00:00Z'), 'Asia/Beirut'), 'Asia/Beirut'))).toBe('2026-03-28T22:00');
  });
});

describe('windows', () => {
  const sundayNight = [{ weekday: 7, startsMinute: 60, endsMinute: 300 }];

  it('are an hour shorter on the night that loses one, and an hour longer on the night that gains one', () => {
    const lengthHours = (from: string, to: string) =>
      expandWindows(sundayNight, NEW_YORK, range(from, to)).map(
        (window) => (window.endsAtMs - window.startsAtMs) / 3_600_000,
      );
    expect(lengthHours('2026-03-08T00:00:00Z', '2026-03-08T23:00:00Z')).toEqual([3]);
    expect(lengthHours('2026-11-01T00:00:00Z', '2026-11-01T23:00:00Z')).toEqual([5]);
    expect(lengthHours('2026-11-08T00:00:00Z', '2026-11-08T23:00:00Z')).toEqual([4]);
  });

  it('that start in the gap are not there that day; that end in it end at the jump', () => {
    const night = range('2026-03-08T00:00:00Z', '2026-03-08T23:00:00Z');
    expect(expandWindows([{ weekday: 7, startsMinute: 150, endsMinute: 300 }], NEW_YORK, night)).toEqual([]);
    expect(expandWindows([{ weekday: 7, startsMinute: 60, endsMinute: 150 }], NEW_YORK, night)).toEqual([
      range('2026-03-08T06:00:00Z', '2026-03-08T07:00:00Z'),
    ]);
  });

  it('reach to the end of the day', () => {
    const late = expandWindows(
      [{ weekday: 1, startsMinute: 1380, endsMinute: 1440 }],
      'UTC',
      range('2026-03-02T00:00:00Z', '2026-03-02T23:30:00Z'),
    );
    expect(late).toEqual([range('2026-03-02T23:00:00Z', '2026-03-03T00:00:00Z')]);
  });
});

describe('slots', () => {
  const monday = [{ weekday: 1, startsMinute: 540, endsMinute: 660 }];
  const day = range('2026-03-02T00:00:00Z', '2026-03-03T00:00:00Z');

  it('are stepped by the visit’s length, without what is taken', () => {
    const busy = [range('2026-03-02T09:30:00Z', '2026-03-02T10:00:00Z')];
    const slots = freeSlots({ windows: monday, timeZone: 'UTC', durationMinutes: 30, busy, range: day });
    expect(slots.map((slot) => iso(slot.startsAtMs).slice(11))).toEqual(['09:00', '10:00', '10:30']);
  });

  it('that only touch what is taken are free', () => {
    const busy = [
      range('2026-03-02T08:00:00Z', '2026-03-02T09:00:00Z'),
      range('2026-03-02T09:15:00Z', '2026-03-02T09:20:00Z'),
    ];
    const slots = freeSlots({ windows: monday, timeZone: 'UTC', durationMinutes: 60, busy, range: day });
    expect(slots.map((slot) => iso(slot.startsAtMs).slice(11))).toEqual(['10:00']);
  });

  it('lie wholly in what was asked for', () => {
    const asked = range('2026-03-02T09:10:00Z', '2026-03-02T10:20:00Z');
    const slots = freeSlots({ windows: monday, timeZone: 'UTC', durationMinutes: 30, busy: [], range: asked });
    expect(slots.map((slot) => iso(slot.startsAtMs).slice(11))).toEqual(['09:30']);
  });

  it('leave out what does not fill a whole visit', () => {
    const slots = freeSlots({ windows: monday, timeZone: 'UTC', durationMinutes: 50, busy: [], range: day });
    expect(slots).toHaveLength(2);
  });
});

describe('local times', () => {
  it.each(['00:00', '09:05', '23:59', '24:00'])('%s there and back', (time) => {
    expect(localTime(minuteOfDay(time))).toBe(time);
  });
});
