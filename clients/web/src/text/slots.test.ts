import type { Provider, Slot, SlotDay } from '@bedside/protocol';
import { expect, test } from 'vitest';
import { firstFree, freeDays } from './slots.ts';

const slot = (startsAt: string): Slot => ({ startsAt, endsAt: startsAt, localStartsAt: startsAt });
const day = (id: string, ...starts: string[]): SlotDay => ({
  provider: { id, displayName: id, specialty: '', timeZone: 'America/New_York' } as Provider,
  slots: starts.map(slot),
});
const shape = (days: ReturnType<typeof freeDays>) =>
  days.map(({ date, providers }) => [date, providers.map(({ provider, slots }) => [provider.id, slots.length])]);

test('times stand under the viewer’s own days, whichever day they are of the provider’s', () => {
  const found = [day('okafor', '2026-03-08T05:00:00.000Z', '2026-03-08T07:30:00.000Z', '2026-03-07T22:00:00.000Z')];
  expect(shape(freeDays(found, 'America/Denver'))).toEqual([
    ['2026-03-07', [['okafor', 2]]],
    ['2026-03-08', [['okafor', 1]]],
  ]);
  expect(shape(freeDays(found, 'Europe/Berlin'))).toEqual([
    ['2026-03-07', [['okafor', 1]]],
    ['2026-03-08', [['okafor', 2]]],
  ]);
});

test('whoever is free first stands first, and that time is the first free one', () => {
  const days = freeDays(
    [day('okafor', '2026-03-09T15:00:00.000Z'), day('tan', '2026-03-09T14:00:00.000Z', '2026-03-09T13:00:00.000Z')],
    'UTC',
  );
  expect(shape(days)).toEqual([
    [
      '2026-03-09',
      [
        ['tan', 2],
        ['okafor', 1],
      ],
    ],
  ]);
  expect(firstFree(days)?.slot.startsAt).toBe('2026-03-09T13:00:00.000Z');
  expect(firstFree([])).toBeUndefined();
});

test('a time that two pages tell of stands there once', () => {
  const found = [day('okafor', '2026-03-09T15:00:00.000Z'), day('okafor', '2026-03-09T15:00:00.000Z')];
  expect(shape(freeDays(found, 'UTC'))).toEqual([['2026-03-09', [['okafor', 1]]]]);
});
