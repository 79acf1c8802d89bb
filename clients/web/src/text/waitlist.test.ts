import type { Hold, WaitlistEntry } from '@bedside/protocol';
import { expect, test } from 'vitest';
import { liveOffers, madeBySelf, stillWaiting, waitlistWords } from './waitlist.ts';

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

const offered = (id: string, minutes: number): WaitlistEntry =>
  ({
    ...entry,
    id,
    status: 'offered',
    createdAt: '2027-03-01T12:00:00.000Z',
    offer: {
      provider: { id: 'okafor' },
      startsAt: '2027-03-11T12:00:00.000Z',
      expiresAt: new Date(NOW + minutes * 60_000).toISOString(),
    },
  }) as WaitlistEntry;

test('an offer is one while it lasts, whatever the answer of core said; then one waits again', () => {
  const entries = [offered('late', 9), offered('soon', 1), offered('over', 0)];
  expect(liveOffers(entries, NOW).map(({ id }) => id)).toEqual(['soon', 'late']);
  expect(stillWaiting(entries, NOW).map(({ id }) => id)).toEqual(['over']);
});

test('what is held for an offer is no hold to go on with', () => {
  const hold = (provider: string): Hold =>
    ({ provider: { id: provider }, startsAt: '2027-03-11T12:00:00.000Z' }) as unknown as Hold;
  expect(madeBySelf([hold('okafor'), hold('tan')], [offered('one', 9)])).toEqual([hold('tan')]);
});
