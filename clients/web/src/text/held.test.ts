import { expect, test } from 'vitest';
import { clockLag, isShort, milestoneWords } from './held.ts';

test.each([
  [600_000, ''],
  [300_000, 'Five minutes left.'],
  [180_000, 'Five minutes left.'],
  [120_000, 'Two minutes left.'],
  [60_000, 'One minute left.'],
  [12_000, '30 seconds left.'],
  [0, 'The time is over.'],
])('with %i ms left the reader hears "%s"', (leftMs, words) => {
  expect(milestoneWords(leftMs)).toBe(words);
});

test('it is short from two minutes on', () => {
  expect([isShort(121_000), isShort(120_000)]).toEqual([false, true]);
});

const madeAt = Date.parse('2027-03-10T14:00:00.000Z');
const deadline = { expiresAt: new Date(madeAt + 600_000).toISOString(), lifeMs: 600_000 };

test.each([
  ['right', madeAt - 3_000, 0],
  ['five minutes slow', madeAt - 300_000, 300_000],
  ['an hour fast', madeAt + 3_600_000, -3_600_000],
])('a clock that is %s is known by the deadline', (_, askedAtMs, lag) => {
  expect(clockLag({ ...deadline, askedAtMs })).toBe(lag);
});
