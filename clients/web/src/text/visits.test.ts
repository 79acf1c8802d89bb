import type { Appointment, DayEntry } from '@bedside/protocol';
import { describe, expect, test } from 'vitest';
import { dayWords, entryOf, entryWords, initials, isChangeable, upcoming } from './visits.ts';

const NOW = Date.parse('2026-03-07T20:00:00.000Z');
const at = (minutes: number): string => new Date(NOW + minutes * 60_000).toISOString();

const appointment = (over: Partial<Appointment> = {}): Appointment =>
  ({
    status: 'booked',
    encounterStatus: 'planned',
    startsAt: at(10),
    opensAt: at(-5),
    closesAt: at(60),
    ...over,
  }) as Appointment;

describe('entryOf', () => {
  test.each([
    [{}, { state: 'open' }],
    [{ opensAt: at(5) }, { state: 'early', opensAt: at(5) }],
    [{ opensAt: at(0) }, { state: 'open' }],
    [{ closesAt: at(0) }, { state: 'closed' }],
    [{ status: 'cancelled' }, { state: 'over' }],
    [{ status: 'fulfilled' }, { state: 'over' }],
    [{ status: 'rescheduled' }, { state: 'over' }],
    [{ encounterStatus: 'finished', opensAt: at(5) }, { state: 'over' }],
    [{ status: 'in-visit', encounterStatus: 'in-progress' }, { state: 'open' }],
  ] as const)('%o → %o', (over, entry) => {
    expect(entryOf(appointment(over), NOW)).toEqual(entry);
  });
});

test('what can be changed: until somebody was let in', () => {
  expect(
    ['booked', 'in-waiting', 'admitted', 'fulfilled', 'rescheduled'].map((status) =>
      isChangeable({ status } as Appointment),
    ),
  ).toEqual([true, true, false, false, false]);
});

test('upcoming: by start, without what is over', () => {
  const visits = [
    appointment({ startsAt: at(90) }),
    appointment({ status: 'cancelled' }),
    appointment({ startsAt: at(5) }),
  ];
  expect(upcoming(visits, NOW).map(({ startsAt }) => startsAt)).toEqual([at(5), at(90)]);
});

describe('entryWords', () => {
  const entry = (
    presence: DayEntry['patientPresence'],
    connected = true,
    status: Appointment['status'] = 'arrived',
  ) => ({
    patientPresence: presence,
    patientConnected: connected,
    appointment: { status },
  });
  test.each([
    [entry('absent', false, 'booked'), { text: 'Not here yet', live: false }],
    [entry('absent', false, 'in-visit'), { text: 'Has left', live: false }],
    [entry('device-check'), { text: 'Getting ready', live: true }],
    [entry('ready'), { text: 'Waiting', live: true }],
    [entry('admitted'), { text: 'In the visit', live: true }],
    [entry('admitted', false), { text: 'Connection lost', live: false }],
    [entry('absent', false, 'fulfilled'), { text: 'Done', live: false }],
  ])('%o → %o', (given, words) => {
    expect(entryWords(given)).toEqual(words);
  });
});

test.each([
  ['Amina Khalil', 'AK'],
  ['Dr. Rosa Lindgren', 'RL'],
  ['Prof. Dr. María del Carmen Ortiz', 'MO'],
  ['Cher', 'C'],
  ['', '?'],
])('initials of %s are %s', (name, letters) => {
  expect(initials(name)).toBe(letters);
});

test('a calendar date is named without a zone', () => {
  expect(dayWords('2026-11-22')).toBe('Sunday, November 22');
});
