import { AvailabilityRule } from '@bedside/protocol';
import { expect, test } from 'vitest';
import { formOf, newForm, problemOf, ruleOf } from './rule-form.ts';

const today = '2026-11-22';

test.each([
  { rrule: 'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;UNTIL=20270630', exdates: ['2026-12-01'] },
  { rrule: 'FREQ=MONTHLY;BYDAY=1MO', rdates: ['2026-12-24'], worksOnHolidays: true },
  { kind: 'block' as const, label: 'Charting', effectiveFrom: '2026-12-01', effectiveTo: '2026-12-31' },
  { location: 'Room 4', endsAt: '24:00' },
])('a rule comes out of its form as it went in: %o', (fields) => {
  const rule = AvailabilityRule.parse({
    kind: 'open',
    startsOn: '2026-11-24',
    startsAt: '09:00',
    endsAt: '12:00',
    ...fields,
  });
  expect(ruleOf(formOf(rule))).toEqual(rule);
});

test('a new rule begins on a day it falls on, and may be sent', () => {
  const form = { ...newForm('open', today), weekdays: [3, 1] };
  expect(ruleOf(form)).toMatchObject({ startsOn: '2026-11-24', rrule: 'FREQ=WEEKLY;BYDAY=TU,TH', rdates: [] });
  expect(AvailabilityRule.safeParse(ruleOf(form)).success).toBe(true);
  expect(problemOf(form)).toBeUndefined();
});

test('midnight as an end is the end of the day', () => {
  expect(ruleOf({ ...newForm('open', today), endsAt: '00:00' }).endsAt).toBe('24:00');
});

test.each([
  [{ weekdays: [] }, /day of the week/],
  [{ repeats: 'other' as const, rrule: ' ' }, /rule/],
  [{ startsOn: '' }, /date/],
  [{ endsAt: '09:00' }, /differ/],
  [{ until: '2026-11-01' }, /before/],
  [{ effectiveFrom: '2026-12-02', effectiveTo: '2026-12-01' }, /force/],
])('%o is told', (fields, words) => {
  expect(problemOf({ ...newForm('open', today), ...fields })).toMatch(words);
});
