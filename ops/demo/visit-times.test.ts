import { expect, test } from 'vitest';
import { visitTimes } from './visit-times.ts';

const timesAt = (now: string, timeZone = 'America/New_York') => {
  const { startsAt, to } = visitTimes({ now: Date.parse(now), timeZone, durationMinutes: 20 });
  return { startsAt: startsAt.map((at) => at.toISOString().slice(0, 16)), to: to.toISOString().slice(0, 16) };
};

test('the next full step comes first', () => {
  expect(timesAt('2026-11-23T15:07:00Z').startsAt.slice(0, 3)).toEqual([
    '2026-11-23T15:20',
    '2026-11-23T15:40',
    '2026-11-23T16:00',
  ]);
});

test('a step that is about to begin is left out: what has begun can no longer be changed', () => {
  expect(timesAt('2026-11-23T15:11:00Z').startsAt[0]).toBe('2026-11-23T15:40');
  expect(timesAt('2026-11-23T15:10:00Z').startsAt[0]).toBe('2026-11-23T15:20');
});

test('the day ends at the midnight of the zone', () => {
  const { startsAt, to } = timesAt('2026-11-23T15:07:00Z');
  expect(startsAt).toContain('2026-11-24T04:40');
  expect(startsAt).not.toContain('2026-11-24T05:00');
  expect(to).toBe('2026-11-24T05:00');
});

test('minutes before midnight there are those that have just begun', () => {
  expect(timesAt('2026-11-24T04:50:00Z')).toEqual({
    startsAt: ['2026-11-24T04:40', '2026-11-24T04:20'],
    to: '2026-11-24T05:00',
  });
});

test('minutes after midnight nothing of yesterday is offered', () => {
  expect(timesAt('2026-11-24T05:05:00Z').startsAt.slice(0, 2)).toEqual(['2026-11-24T05:20', '2026-11-24T05:40']);
  expect(timesAt('2026-11-24T05:05:00Z').startsAt.every((at) => at >= '2026-11-24T05:00')).toBe(true);
});
