import type { Appointment } from '@bedside/protocol';
import { expect, test } from 'vitest';
import { changeWords, seatsWords, visitTypeWords } from './booking.ts';

const NOW = Date.parse('2027-03-10T12:00:00.000Z');
const plain = (text: string): string => text.replaceAll('\u202f', ' ');

test.each([
  [
    { changeableUntil: '2027-03-16T13:00:00.000Z' },
    'You can move or cancel it here until Tuesday, March 16 at 2:00 PM.',
  ],
  [{ changeableUntil: '2027-03-11T13:00:00.000Z' }, 'You can move or cancel it here until tomorrow at 2:00 PM.'],
  [
    { changeableUntil: '2027-03-11T13:00:00.000Z', group: { seats: 8, taken: 2 } },
    'You can give the seat back here until tomorrow at 2:00 PM.',
  ],
] as const)('%o: %s', (visit, words) => {
  const said = changeWords(visit as Appointment, NOW, 'Europe/Berlin');
  expect(plain(said.words)).toBe(`${words} Later, please call the clinic.`);
  expect(said.mustCall).toBe(false);
});

test('from that moment on it takes a call', () => {
  const said = changeWords({ changeableUntil: new Date(NOW).toISOString() }, NOW, 'Europe/Berlin');
  expect(said).toEqual({
    words: 'It is too close to move or cancel it here. Please call the clinic if you cannot come.',
    mustCall: true,
  });
});

test('a visit type in few words', () => {
  expect(visitTypeWords({ durationMinutes: 20, modality: 'video', seats: 1 })).toBe('20 minutes, by video');
  expect(visitTypeWords({ durationMinutes: 60, modality: 'chat', seats: 8 })).toBe(
    '60 minutes, in writing, in a group of up to 8',
  );
  expect([seatsWords(1), seatsWords(3)]).toEqual(['1 seat left', '3 seats left']);
});
