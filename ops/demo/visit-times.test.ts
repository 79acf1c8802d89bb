import { describe, expect, test } from 'vitest';
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

test('minutes before midnight the last one goes on past it', () => {
  expect(timesAt('2026-11-24T04:50:00Z')).toEqual({
    startsAt: ['2026-11-24T04:55', '2026-11-24T04:35', '2026-11-24T04:15'],
    to: '2026-11-24T05:00',
  });
});

test('minutes after midnight nothing of yesterday is offered', () => {
  expect(timesAt('2026-11-24T05:05:00Z').startsAt.slice(0, 2)).toEqual(['2026-11-24T05:20', '2026-11-24T05:40']);
  expect(timesAt('2026-11-24T05:05:00Z').startsAt.every((at) => at >= '2026-11-24T05:00')).toBe(true);
});

describe('at every minute', () => {
  const MINUTE_MS = 60_000;
  const VISIT_MS = 20 * MINUTE_MS;
  test.each([
    ['an ordinary day', '2026-11-23', 'America/New_York', 24],
    ['the day on which clocks go forward', '2026-03-08', 'America/New_York', 23],
    ['the day on which clocks go back', '2026-11-01', 'America/New_York', 25],
    ['the day on which clocks go back', '2026-11-01', 'America/Chicago', 25],
    ['the day on which clocks go forward', '2026-03-08', 'America/Los_Angeles', 23],
  ])(
    'of %s (%s, %s) two patients of a provider have a visit that day, with time to go in',
    (_, date, timeZone, hours) => {
      const dates = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
      const isOfDay = (at: number) => dates.format(at) === date;
      let now = Date.parse(`${date}T00:00:00Z`);
      while (!isOfDay(now)) now += 60 * MINUTE_MS;
      const midnight = now + hours * 60 * MINUTE_MS;
      expect([isOfDay(now - 1), isOfDay(midnight - 1), isOfDay(midnight)]).toEqual([false, true, false]);
      const wrong: string[] = [];
      for (; now < midnight; now += MINUTE_MS) {
        const { startsAt, from, to } = visitTimes({ now, timeZone, durationMinutes: VISIT_MS / MINUTE_MS });
        const [first = Number.NaN, second = Number.NaN] = startsAt.map((at) => at.getTime());
        const ahead = first - now >= 10 * MINUTE_MS;
        const isLast = first === midnight - 5 * MINUTE_MS;
        const isRight =
          (ahead || isLast) &&
          [first, second].every((at) => isOfDay(at) && at + VISIT_MS > from.getTime() && at < to.getTime()) &&
          Math.abs(first - second) >= VISIT_MS &&
          to.getTime() === midnight;
        if (!isRight) wrong.push(new Date(now).toISOString());
      }
      expect(wrong).toEqual([]);
    },
  );
});
