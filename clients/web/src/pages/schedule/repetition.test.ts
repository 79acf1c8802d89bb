import { PersonId } from '@bedside/protocol';
import { describe, expect, test } from 'vitest';
import { datesOf, refusalWords, seriesAfter } from './repetition.ts';

const visit = {
  // A Tuesday, 09:00 in New York, before the clocks go back on November 1.
  startsAt: '2026-10-20T13:00:00.000Z',
  provider: {
    id: PersonId.parse('00000000-0000-4000-8000-000000000001'),
    displayName: 'Dr. A',
    timeZone: 'America/New_York',
  },
};

describe('a visit that is repeated', () => {
  test('follows on the same weekday', () => {
    expect(datesOf(visit, { everyWeeks: 2, count: 3 })).toEqual(['2026-11-03', '2026-11-17', '2026-12-01']);
  });

  test('keeps the provider’s wall clock over a clock change', () => {
    expect(seriesAfter(visit, { everyWeeks: 2, count: 3 })).toEqual({
      startsAt: '2026-11-03T14:00:00.000Z',
      rrule: 'FREQ=WEEKLY;INTERVAL=2;COUNT=3',
      timeZone: 'America/New_York',
    });
  });

  test.each([
    ['2026-12-01: day_full', 'Tue, Dec 1: the day is full'],
    ['2026-12-01: something_new', 'Tue, Dec 1: cannot be booked'],
    ['must be one of these.', 'must be one of these.'],
  ])('says why one cannot be booked: %s', (message, words) => {
    expect(refusalWords(message)).toBe(words);
  });
});
