import type { Appointment } from '@bedside/protocol';
import { expect, test } from 'vitest';
import { visitAsIcs } from './ics.ts';

const visit = {
  id: '0b9f6a52-7a53-4d9e-9a43-3d1c6f1f3c11' as Appointment['id'],
  visitType: { modality: 'video' as const, name: 'Oncology follow-up' },
  provider: { displayName: 'Dr. Amara Okafor' },
  version: 3,
  startsAt: '2027-03-16T13:00:00.000Z',
  endsAt: '2027-03-16T13:20:00.000Z',
};
const ics = visitAsIcs(visit, {
  homeUrl: `https://visits.example.org/${'ü'.repeat(40)}`,
  madeAt: '2027-03-10T09:00:00.000Z',
});

test('a visit is an event in UTC that a later version of it replaces', () => {
  expect(ics).toContain('DTSTART:20270316T130000Z\r\nDTEND:20270316T132000Z\r\n');
  expect(ics).toContain(`UID:${visit.id}\r\n`);
  expect(ics).toContain('SUMMARY:Video visit\r\n');
  expect(ics).not.toMatch(/Oncology|Okafor/);
  expect(ics).toContain('SEQUENCE:3\r\n');
  expect(ics.endsWith('END:VCALENDAR\r\n')).toBe(true);
});

test('no line is longer than 75 octets, and unfolded it says what it said', () => {
  for (const line of ics.split('\r\n')) expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75);
  expect(ics.replaceAll('\r\n ', '')).toContain(`URL:https://visits.example.org/${'ü'.repeat(40)}\r\n`);
});
