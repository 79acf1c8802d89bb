import { describe, expect, test } from 'vitest';
import {
  clockThere,
  clockTime,
  countdown,
  dayName,
  fromNow,
  localDate,
  readsTheSame,
  timeRange,
  untilWords,
  waitedFor,
  zoneName,
} from './time.ts';

const DENVER = 'America/Denver';
const NOW = Date.parse('2026-03-07T20:00:00.000Z');
const after = (minutes: number): string => new Date(NOW + minutes * 60_000).toISOString();
const plain = (text: string): string => text.replaceAll('\u202f', ' ');

describe('times in the viewer’s zone', () => {
  test.each([
    ['2026-03-08T08:30:00.000Z', '1:30 AM'],
    ['2026-03-08T09:30:00.000Z', '3:30 AM'],
    ['2026-11-01T07:30:00.000Z', '1:30 AM'],
    ['2026-11-01T08:30:00.000Z', '1:30 AM'],
  ])('%s is %s in Denver, on both days when clocks change', (instant, words) => {
    expect(plain(clockTime(instant, DENVER))).toBe(words);
  });

  test.each([
    ['America/Denver', 'Mountain Time'],
    ['America/Phoenix', 'Mountain Standard Time'],
    ['Europe/Berlin', 'Central European Time'],
  ])('%s is called %s', (zone, name) => {
    expect(zoneName(zone)).toBe(name);
  });

  test('a day is the viewer’s day, not the server’s', () => {
    const late = '2026-03-08T05:30:00.000Z';
    expect(dayName(late, NOW, DENVER)).toBe('Today');
    expect(dayName(late, NOW, 'Europe/Berlin')).toBe('Tomorrow');
    expect(localDate(Date.parse(late), DENVER)).toBe('2026-03-07');
  });

  test.each([
    ['2026-03-08T20:00:00.000Z', 'Tomorrow'],
    ['2026-03-06T20:00:00.000Z', 'Yesterday'],
    ['2026-03-12T20:00:00.000Z', 'Thursday, March 12'],
    ['2027-01-04T20:00:00.000Z', 'Monday, January 4, 2027'],
  ])('%s is %s', (instant, words) => {
    expect(dayName(instant, NOW, DENVER)).toBe(words);
  });

  test.each([
    [0, 'now'],
    [1, 'in 1 minute'],
    [12, 'in 12 minutes'],
    [89, 'in 89 minutes'],
    [120, 'in 2 hours'],
    [-5, '5 minutes ago'],
    [-180, '3 hours ago'],
    [24 * 60, 'tomorrow'],
    [4 * 24 * 60, 'in 4 days'],
  ])('%i minutes away is "%s"', (minutes, words) => {
    expect(fromNow(after(minutes), NOW, DENVER)).toBe(words);
  });

  test.each([
    [0.5, 'less than a minute'],
    [-3, 'less than a minute'],
    [1, '1 minute'],
    [59.9, '59 minutes'],
    [60, '1 hour'],
    [125, '2 hours 5 minutes'],
  ])('who came %d minutes ago has waited %s', (minutes, words) => {
    expect(waitedFor(after(-minutes), NOW)).toBe(words);
  });

  test('a range names both ends', () => {
    expect(plain(timeRange(after(0), after(20), DENVER))).toBe('1:00 PM – 1:20 PM');
  });
});

describe('two zones', () => {
  test.each([
    ['America/New_York', 'America/Detroit', '2027-03-16T13:00:00.000Z', true],
    ['America/New_York', 'Europe/Berlin', '2027-03-16T13:00:00.000Z', false],
    ['America/Denver', 'America/Phoenix', '2027-01-16T13:00:00.000Z', true],
    ['America/Denver', 'America/Phoenix', '2027-07-16T13:00:00.000Z', false],
  ])('%s and %s at %s read the same: %s', (zone, other, instant, same) => {
    expect(readsTheSame(instant, zone, other)).toBe(same);
  });

  test.each([
    ['2027-03-12T14:00:00.000Z', 'Europe/Berlin', '9:00 AM'],
    ['2027-03-16T13:00:00.000Z', 'Europe/Berlin', '9:00 AM'],
    ['2027-03-16T03:00:00.000Z', 'Europe/Berlin', '11:00 PM on Monday, March 15'],
    ['2027-03-16T13:00:00.000Z', 'Pacific/Honolulu', '9:00 AM'],
  ])('%s, read in %s, is %s in New York', (instant, zone, words) => {
    expect(plain(clockThere(instant, zone, 'America/New_York'))).toBe(words);
  });
});

test.each([
  [20_164_000, '5 h 36 min'],
  [3_599_000, '59:59'],
  [600_000, '10:00'],
  [581_000, '9:41'],
  [6_001, '0:07'],
  [-5, '0:00'],
])('%i ms are shown as %s', (leftMs, words) => {
  expect(countdown(leftMs)).toBe(words);
});

test('until when: the day is named where it is not this one', () => {
  expect(plain(untilWords(after(10), NOW, DENVER))).toBe('1:10 PM');
  expect(plain(untilWords(after(24 * 60), NOW, DENVER))).toBe('tomorrow at 2:00 PM');
});
