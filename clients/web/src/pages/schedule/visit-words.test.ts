import { describe, expect, test } from 'vitest';
import { actsOn, endsFor, stateWords, whenWords } from './visit-words.ts';

const NOW = Date.parse('2026-11-22T15:00:00.000Z');
const at = (minutes: number): string => new Date(NOW + minutes * 60_000).toISOString();

describe('what can be done with a visit', () => {
  const visit = { status: 'booked', encounterStatus: 'planned', startsAt: at(30) } as const;

  test.each([
    [{}, { move: true, cancel: true, noShow: false }],
    [{ startsAt: at(-1) }, { move: true, cancel: true, noShow: true }],
    [
      { startsAt: at(-1), status: 'in-waiting' },
      { move: true, cancel: true, noShow: false },
    ],
    [
      { status: 'in-visit', encounterStatus: 'in-progress' },
      { move: false, cancel: false, noShow: false },
    ],
    [{ status: 'cancelled' }, { move: false, cancel: false, noShow: false }],
    [{ encounterStatus: 'finished' }, { move: false, cancel: false, noShow: false }],
  ] as const)('%o', (over, acts) => {
    expect(actsOn({ ...visit, ...over }, NOW)).toEqual(acts);
  });
});

test('a booked visit needs no word, a group tells its seats', () => {
  expect(stateWords({ status: 'booked' })).toBe('');
  expect(stateWords({ status: 'booked', group: { seats: 8, taken: 3 } })).toBe('3 of 8');
  expect(stateWords({ status: 'in-waiting' })).toBe('Waiting');
});

test('the end of a session says whom it concerns', () => {
  expect([0, 1, 3].map(endsFor)).toEqual([
    'Nobody has a seat in it yet.',
    'One patient has a seat in it, and is told.',
    '3 patients have a seat in it, and are told.',
  ]);
});

test('a time is told in the zone that is asked for', () => {
  expect(whenWords({ startsAt: at(0), endsAt: at(20) }, NOW, 'America/New_York')).toBe('Today, 10:00 AM – 10:20 AM');
  expect(whenWords({ startsAt: at(0), endsAt: at(20) }, NOW, 'Asia/Tokyo')).toBe('Today, 12:00 AM – 12:20 AM');
});
