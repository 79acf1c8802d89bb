import { describe, expect, it } from 'vitest';
import { occurrencesOf } from './occurrences.ts';

const starts = (startsAt: string, rrule: string, timeZone: string) =>
  occurrencesOf({ startsAt: new Date(startsAt), rrule, timeZone }).map((one) => one.startsAt?.toISOString());

describe('occurrences of a series', () => {
  it('SCH12 keep the wall clock over a change of it', () => {
    expect(starts('2026-03-23T09:00:00.000Z', 'FREQ=WEEKLY;COUNT=2', 'Europe/Berlin')).toEqual([
      '2026-03-23T09:00:00.000Z',
      '2026-03-30T08:00:00.000Z',
    ]);
    expect(starts('2026-10-19T08:00:00.000Z', 'FREQ=WEEKLY;UNTIL=20261026', 'Europe/Berlin')).toEqual([
      '2026-10-19T08:00:00.000Z',
      '2026-10-26T09:00:00.000Z',
    ]);
  });

  it('say of which day the clock jumps over their time', () => {
    expect(starts('2026-03-28T01:30:00.000Z', 'FREQ=DAILY;COUNT=3', 'Europe/Berlin')).toEqual([
      '2026-03-28T01:30:00.000Z',
      undefined,
      '2026-03-30T00:30:00.000Z',
    ]);
  });

  it('begin at the second of two readings where that was asked for', () => {
    expect(starts('2026-10-25T01:30:00.000Z', 'FREQ=DAILY;COUNT=2', 'Europe/Berlin')).toEqual([
      '2026-10-25T01:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]);
  });

  it.each([
    ['FREQ=DAILY', /^rrule: must end/],
    ['FREQ=DAILY;COUNT=53', /^rrule: must have at most 52/],
    ['FREQ=YEARLY;COUNT=9', /^rrule: must end within/],
    ['FREQ=WEEKLY;BYDAY=FR;COUNT=3', /^startsAt: must be on a day of the rule/],
    ['FREQ=HOURLY;COUNT=3', /^rrule:/],
    ['nonsense', /^rrule:/],
  ])('refuse %s', (rrule, detail) => {
    expect(() => starts('2026-03-02T09:00:00.000Z', rrule, 'Europe/Berlin')).toThrow(detail);
  });
});
