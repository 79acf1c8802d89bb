import { AvailabilityRule } from '@bedside/protocol';
import { describe, expect, test } from 'vitest';
import { daysOfRule, firstDay, repeatOf, rruleOf } from './recurrence.ts';
import { isPast, ruleDetails, ruleSentence } from './rule-words.ts';

const today = '2026-11-22';
const rule = (fields: Partial<AvailabilityRule> = {}): AvailabilityRule =>
  AvailabilityRule.parse({ kind: 'open', startsOn: '2026-01-06', startsAt: '09:00', endsAt: '12:00', ...fields });

describe('how a rule repeats', () => {
  test.each([
    ['FREQ=WEEKLY;BYDAY=TU,TH', { kind: 'weekly', weekdays: [1, 3], everyWeeks: 1 }],
    ['RRULE:FREQ=WEEKLY', { kind: 'weekly', weekdays: [1], everyWeeks: 1 }],
    ['FREQ=DAILY', { kind: 'weekly', weekdays: [0, 1, 2, 3, 4, 5, 6], everyWeeks: 1 }],
    [
      'FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;UNTIL=20270630',
      { kind: 'weekly', weekdays: [4], everyWeeks: 2, until: '2027-06-30' },
    ],
    ['FREQ=MONTHLY;BYDAY=1MO', { kind: 'other', rrule: 'FREQ=MONTHLY;BYDAY=1MO' }],
    ['FREQ=WEEKLY;COUNT=4', { kind: 'other', rrule: 'FREQ=WEEKLY;COUNT=4' }],
    ['FREQ=WEEKLY;INTERVAL=2;WKST=SU', { kind: 'other', rrule: 'FREQ=WEEKLY;INTERVAL=2;WKST=SU' }],
    ['garbage', { kind: 'other', rrule: 'garbage' }],
  ])('%s', (rrule, repeat) => {
    expect(repeatOf(rule({ rrule }))).toEqual(repeat);
  });

  test('and back', () => {
    for (const rrule of ['FREQ=WEEKLY;BYDAY=TU,TH', 'FREQ=WEEKLY;INTERVAL=3;BYDAY=SA;UNTIL=20270101', 'FREQ=YEARLY']) {
      expect(rruleOf(repeatOf(rule({ rrule })))).toBe(rrule);
    }
  });

  test('starts on a day it falls on', () => {
    expect(firstDay({ kind: 'weekly', weekdays: [1, 3], everyWeeks: 1 }, '2026-11-22')).toBe('2026-11-24');
    expect(firstDay({ kind: 'once' }, '2026-11-22')).toBe('2026-11-22');
  });
});

describe('the days of a rule', () => {
  const ahead = { from: today, days: 28, max: 20 };

  test('skip and add dates', () => {
    const days = daysOfRule(
      rule({ rrule: 'FREQ=WEEKLY;BYDAY=TU', exdates: ['2026-12-01'], rdates: ['2026-12-03'] }),
      ahead,
    );
    expect(days?.map(({ date, state }) => `${date.slice(5)} ${state}`)).toEqual([
      '11-24 on',
      '12-01 skipped',
      '12-03 added',
      '12-08 on',
      '12-15 on',
    ]);
  });

  test('every other week counts from the week of the start', () => {
    const every = rule({ startsOn: '2026-11-17', rrule: 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU' });
    expect(daysOfRule(every, ahead)?.map(({ date }) => date.slice(5))).toEqual(['11-30', '12-01', '12-14', '12-15']);
  });

  test('are none outside of their effective dates, and end with the rule', () => {
    expect(daysOfRule(rule({ rrule: 'FREQ=DAILY', effectiveTo: '2026-11-23' }), ahead)).toHaveLength(2);
    expect(daysOfRule(rule({ rrule: 'FREQ=WEEKLY;BYDAY=SU;UNTIL=20261129' }), ahead)).toHaveLength(2);
    expect(daysOfRule(rule(), ahead)).toEqual([]);
  });

  test('are core’s to tell where the form cannot', () => {
    expect(daysOfRule(rule({ rrule: 'FREQ=MONTHLY' }), ahead)).toBeUndefined();
  });
});

describe('in words', () => {
  test.each([
    [rule({ rrule: 'FREQ=WEEKLY;BYDAY=TU,TH' }), 'Every Tuesday and Thursday, 9:00 AM – 12:00 PM'],
    [
      rule({ rrule: 'FREQ=WEEKLY;BYDAY=TU,TH', startsOn: '2027-03-01' }),
      'Every Tuesday and Thursday, 9:00 AM – 12:00 PM, from March 1, 2027',
    ],
    [
      rule({ rrule: 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR;UNTIL=20261224' }),
      'Every other week on weekdays, 9:00 AM – 12:00 PM, until December 24',
    ],
    [rule({ rrule: 'FREQ=DAILY', startsAt: '22:00', endsAt: '06:00' }), 'Every day, 10:00 PM – 6:00 AM the next day'],
    [rule({ startsOn: '2026-11-24' }), 'Tuesday, November 24, 9:00 AM – 12:00 PM'],
    [rule({ rrule: 'FREQ=YEARLY', endsAt: '24:00' }), 'By a rule of its own, 9:00 AM – 12:00 AM'],
  ])('%#', (given, words) => {
    expect(ruleSentence(given, today)).toBe(words);
  });

  test('what else holds', () => {
    const given = rule({
      rrule: 'FREQ=MONTHLY',
      exdates: ['2026-01-02', '2026-12-01', '2026-11-30'],
      worksOnHolidays: true,
      effectiveTo: '2027-01-31',
    });
    expect(ruleDetails(given, { today, nameOfType: () => undefined })).toEqual([
      'Rule: FREQ=MONTHLY',
      'Not on November 30 and December 1',
      'Holidays too',
      'In force until January 31, 2027',
    ]);
  });

  test('what is over', () => {
    expect(isPast(rule(), today)).toBe(true);
    expect(isPast(rule({ rdates: ['2026-12-01'] }), today)).toBe(false);
    expect(isPast(rule({ rrule: 'FREQ=WEEKLY;UNTIL=20261121' }), today)).toBe(true);
    expect(isPast(rule({ rrule: 'FREQ=WEEKLY', effectiveTo: '2026-11-21' }), today)).toBe(true);
    expect(isPast(rule({ rrule: 'FREQ=MONTHLY' }), today)).toBe(false);
  });
});
