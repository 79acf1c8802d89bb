import type { WaitlistEntry } from '@bedside/protocol';
import { expect, test } from 'vitest';
import { waitlistWords } from './waitlist.ts';

const NOW = Date.parse('2027-03-10T12:00:00.000Z');
const entry = {
  visitType: { name: 'Video visit' },
  earliestAt: '2027-03-10T12:00:00.000Z',
  latestAt: '2027-03-16T23:00:00.000Z',
} as WaitlistEntry;
const named = { provider: { displayName: 'Dr. Amara Okafor' } } as WaitlistEntry;

test.each([
  [{ ...entry, ...named }, 'Video visit with Dr. Amara Okafor, today to Tuesday, March 16.'],
  [{ ...entry, specialty: 'Cardiology' }, 'Video visit with cardiology, today to Tuesday, March 16.'],
  [{ ...entry, latestAt: '2027-03-10T23:00:00.000Z' }, 'Video visit, today.'],
])('the days that are waited for, in the viewer’s zone', (given, words) => {
  expect(waitlistWords(given, NOW, 'Europe/Berlin')).toBe(words);
});
