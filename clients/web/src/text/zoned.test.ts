import { describe, expect, test } from 'vitest';
import {
  addDays,
  clockWords,
  dateWords,
  instantOf,
  isoInstant,
  timeOf,
  wallClock,
  weekdayOf,
  weekOf,
  weekWords,
} from './zoned.ts';

describe('wall clocks', () => {
  test.each([
    ['2026-11-22T05:00:00.000Z', 'America/New_York', { date: '2026-11-22', minutes: 0 }],
    ['2026-11-22T04:59:00.000Z', 'America/New_York', { date: '2026-11-21', minutes: 1439 }],
    ['2026-11-22T00:00:00.000Z', 'Asia/Kolkata', { date: '2026-11-22', minutes: 330 }],
  ])('%s in %s', (instant, zone, words) => {
    expect(wallClock(Date.parse(instant), zone)).toEqual(words);
  });

  test.each([
    ['an ordinary day', '2026-11-22 09:00', 'America/New_York', '2026-11-22T14:00:00.000Z'],
    ['the end of a day', '2026-11-22 24:00', 'America/New_York', '2026-11-23T05:00:00.000Z'],
    ['the hour after spring-forward', '2026-03-08 03:00', 'America/New_York', '2026-03-08T07:00:00.000Z'],
    ['inside the gap: the offset before it', '2026-03-08 02:30', 'America/New_York', '2026-03-08T07:30:00.000Z'],
    ['what comes twice: the first', '2026-11-01 01:30', 'America/New_York', '2026-11-01T05:30:00.000Z'],
    ['after fall-back', '2026-11-01 02:00', 'America/New_York', '2026-11-01T07:00:00.000Z'],
    ['half an hour of summer', '2026-04-05 01:45', 'Australia/Lord_Howe', '2026-04-04T14:45:00.000Z'],
  ])('%s', (_name, reading, zone, instant) => {
    const [date = '', time = ''] = reading.split(' ');
    expect(isoInstant(instantOf(date, time, zone))).toBe(instant);
  });
});

describe('dates', () => {
  test('are counted across months and years', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(addDays('2026-03-01', -1)).toBe('2026-02-28');
  });

  test('weekdays count from Monday, weeks from Sunday', () => {
    expect(weekdayOf('2026-11-23')).toBe(0);
    expect(weekdayOf('1969-12-28')).toBe(6);
    expect(weekOf('2026-11-28')).toEqual(weekOf('2026-11-22'));
    expect(weekOf('2026-11-25').at(0)).toBe('2026-11-22');
  });

  test('have words', () => {
    expect(dateWords('2026-03-01', '2026-11-22')).toBe('March 1');
    expect(dateWords('2027-03-01', '2026-11-22')).toBe('March 1, 2027');
    expect(weekWords(weekOf('2026-11-22'))).toBe('November 22 – 28');
    expect(weekWords(weekOf('2026-12-01'))).toBe('November 29 – December 5');
    expect(weekWords(weekOf('2026-12-31'))).toBe('December 27, 2026 – January 2, 2027');
  });

  test('times of a day', () => {
    expect(timeOf(545)).toBe('09:05');
    expect(timeOf(1440)).toBe('24:00');
    expect(clockWords(0)).toMatch(/^12:00\sAM$/);
    expect(clockWords(810)).toMatch(/^1:30\sPM$/);
  });
});
