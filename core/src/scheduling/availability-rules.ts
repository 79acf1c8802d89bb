import { AppError, type AvailabilityRule } from '@bedside/protocol';
import type { AvailabilityRule as ExpandableRule } from './availability.ts';
import type { RuleRow } from './availability-store.ts';
import { dayOfDate, localTime, minuteOfDay } from './dates.ts';
import { parseRecurrence } from './recurrence.ts';
import { readRecurrence } from './recurrence-grammar.ts';
import { isTimeZone } from './wall-clock.ts';

const DAY_MINUTES = 24 * 60;
const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

/** A weekly window in the provider's own wall clock, as set-up names it. `weekday`: ISO 8601, Monday is 1. */
export interface WeeklyWindow {
  readonly weekday: number;
  readonly startsAt: string;
  readonly endsAt: string;
}

/** The rule that a weekly window is. */
export const weeklyRule = ({ weekday, startsAt, endsAt }: WeeklyWindow): AvailabilityRule => ({
  kind: 'open',
  label: '',
  // The first Monday of 2020 and the days after it.
  startsOn: `2020-01-${String(5 + weekday).padStart(2, '0')}`,
  startsAt,
  endsAt,
  rrule: `FREQ=WEEKLY;BYDAY=${WEEKDAYS[weekday - 1]}`,
  exdates: [],
  rdates: [],
  visitTypeIds: [],
  worksOnHolidays: false,
});

export const requireTimeZone = (name: string, field = 'timeZone'): void => {
  if (!isTimeZone(name)) throw new AppError('bad_request', { detail: `${field}: must be an IANA time zone.` });
};

/** The rule's own text as it is kept. Errors: `bad_request`, whose detail names the field. */
const recurrenceOf = (rule: AvailabilityRule, index: number): string => {
  const startsOnDay = dayOfDate(rule.startsOn);
  try {
    // Once is as often as the first day of a rule for every day: the first day itself is judged all the same.
    return parseRecurrence(rule.rrule ?? 'FREQ=DAILY;COUNT=1', startsOnDay).text;
  } catch (cause) {
    const detail = cause instanceof AppError ? cause.detail : undefined;
    if (detail === undefined) throw cause;
    throw new AppError('bad_request', { detail: `rules.${index}.${detail}`, cause });
  }
};

const sorted = <Item extends string>(items: readonly Item[]): Item[] => [...new Set(items)].sort();

/** A rule as the database holds it. Errors: `bad_request`, whose detail names the field as `rules.<index>.…`. */
export const ruleRowOf = (rule: AvailabilityRule, index: number): RuleRow => {
  const refuse = (field: string, fix: string): never => {
    throw new AppError('bad_request', { detail: `rules.${index}.${field}: ${fix}` });
  };
  const startsMinute = minuteOfDay(rule.startsAt);
  const end = minuteOfDay(rule.endsAt);
  if (startsMinute === DAY_MINUTES) refuse('startsAt', 'must be earlier than 24:00.');
  if (end === startsMinute) refuse('endsAt', 'must be another time than startsAt.');
  if (rule.effectiveFrom !== undefined && rule.effectiveTo !== undefined && rule.effectiveFrom > rule.effectiveTo)
    refuse('effectiveTo', 'must not be earlier than effectiveFrom.');
  const recurrence = recurrenceOf(rule, index);
  return {
    kind: rule.kind,
    label: rule.label,
    startsOn: rule.startsOn,
    startsMinute,
    endsMinute: end > startsMinute ? end : end + DAY_MINUTES,
    rrule: rule.rrule === undefined ? null : recurrence,
    exdates: sorted(rule.exdates),
    rdates: sorted(rule.rdates),
    effectiveFrom: rule.effectiveFrom ?? null,
    effectiveTo: rule.effectiveTo ?? null,
    visitTypeIds: sorted(rule.visitTypeIds),
    location: rule.location ?? null,
    worksOnHolidays: rule.worksOnHolidays,
  };
};

/** A rule as the API shows it. */
export const toRule = (row: RuleRow): AvailabilityRule => ({
  kind: row.kind,
  label: row.label,
  startsOn: row.startsOn,
  startsAt: localTime(row.startsMinute),
  endsAt: localTime(row.endsMinute > DAY_MINUTES ? row.endsMinute - DAY_MINUTES : row.endsMinute),
  ...(row.rrule === null ? {} : { rrule: row.rrule }),
  exdates: row.exdates,
  rdates: row.rdates,
  ...(row.effectiveFrom === null ? {} : { effectiveFrom: row.effectiveFrom }),
  ...(row.effectiveTo === null ? {} : { effectiveTo: row.effectiveTo }),
  visitTypeIds: row.visitTypeIds,
  ...(row.location === null ? {} : { location: row.location }),
  worksOnHolidays: row.worksOnHolidays,
});

/** A rule as its windows are made from it. */
export const expandable = (row: RuleRow): ExpandableRule => ({
  kind: row.kind,
  startsOnDay: dayOfDate(row.startsOn),
  startsMinute: row.startsMinute,
  endsMinute: row.endsMinute,
  recurrence: row.rrule === null ? undefined : readRecurrence(row.rrule),
  exDays: row.exdates.map(dayOfDate),
  rDays: row.rdates.map(dayOfDate),
  effectiveFromDay: row.effectiveFrom === null ? undefined : dayOfDate(row.effectiveFrom),
  effectiveToDay: row.effectiveTo === null ? undefined : dayOfDate(row.effectiveTo),
  visitTypeIds: row.visitTypeIds,
  worksOnHolidays: row.worksOnHolidays,
});
