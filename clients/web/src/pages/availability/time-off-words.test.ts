import { expect, test } from 'vitest';
import { timeOffWords } from './time-off-words.ts';

const now = Date.parse('2026-11-22T15:00:00.000Z');

test.each([
  ['one whole day', '2026-11-27T05:00', '2026-11-28T05:00', 'Friday, November 27'],
  ['whole days', '2026-12-24T05:00', '2027-01-02T05:00', 'Thursday, December 24 – Friday, January 1, 2027'],
  ['a part of a day', '2026-11-23T17:00', '2026-11-23T22:00', 'Tomorrow, 12:00 PM – 5:00 PM'],
  [
    'over a night',
    '2026-11-26T22:00',
    '2026-11-27T14:00',
    'Thursday, November 26, 5:00 PM – Friday, November 27, 9:00 AM',
  ],
])('%s', (...[, from, to, words]) => {
  const span = { startsAt: `${from}:00.000Z`, endsAt: `${to}:00.000Z`, label: '' };
  expect(timeOffWords(span, now, 'America/New_York')).toBe(words);
});
