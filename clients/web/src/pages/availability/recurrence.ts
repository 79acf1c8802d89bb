/**
 * Rules that repeat by weeks, as most hours do, to and from RECUR (RFC 5545 §3.3.10). What cannot be said so stays text
 * and is judged by core alone. Pure; dates are `YYYY-MM-DD` of the provider's calendar, weekdays 0 Monday … 6 Sunday.
 */
import type { AvailabilityRule } from '@bedside/protocol';
import { addDays, daysBetween, weekdayOf } from '../../text/zoned.ts';

const CODES = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;
export const ALL_WEEKDAYS: readonly number[] = [0, 1, 2, 3, 4, 5, 6];

export type Repeat =
  | { readonly kind: 'once' }
  | {
      readonly kind: 'weekly';
      readonly weekdays: readonly number[];
      readonly everyWeeks: number;
      /** The last day, which counts. */
      readonly until?: string;
    }
  | { readonly kind: 'other'; readonly rrule: string };

const untilOf = (text: string): string | undefined => {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(text) ?? [];
  return year && `${year}-${month}-${day}`;
};

const weekdaysOf = (text: string): number[] | undefined => {
  const days = text.split(',').map((code) => (CODES as readonly string[]).indexOf(code));
  return days.includes(-1) ? undefined : [...new Set(days)].sort();
};

const KNOWN = new Set(['FREQ', 'INTERVAL', 'BYDAY', 'UNTIL', 'WKST']);

/** How a rule repeats, in what the form can say; else its text. */
export const repeatOf = ({ rrule, startsOn }: Pick<AvailabilityRule, 'rrule' | 'startsOn'>): Repeat => {
  if (rrule === undefined) return { kind: 'once' };
  const other: Repeat = { kind: 'other', rrule };
  const parts = new Map(
    rrule
      .replace(/^RRULE:/i, '')
      .toUpperCase()
      .split(';')
      .map((part) => part.split('=') as [string, string]),
  );
  if ([...parts.keys()].some((key) => !KNOWN.has(key)) || (parts.get('WKST') ?? 'MO') !== 'MO') return other;
  const everyWeeks = Number(parts.get('INTERVAL') ?? 1);
  const byDay = parts.get('BYDAY');
  const weekly = parts.get('FREQ') === 'WEEKLY';
  const daily = parts.get('FREQ') === 'DAILY' && everyWeeks === 1;
  if (!(weekly || daily)) return other;
  const weekdays = byDay === undefined ? (daily ? [...ALL_WEEKDAYS] : [weekdayOf(startsOn)]) : weekdaysOf(byDay);
  const untilText = parts.get('UNTIL');
  const until = untilText === undefined ? undefined : untilOf(untilText);
  if (!(weekdays && Number.isInteger(everyWeeks) && everyWeeks > 0)) return other;
  if (untilText !== undefined && until === undefined) return other;
  return { kind: 'weekly', weekdays, everyWeeks, ...(until && { until }) };
};

export const rruleOf = (repeat: Repeat): string | undefined => {
  if (repeat.kind === 'once') return undefined;
  if (repeat.kind === 'other') return repeat.rrule;
  const { weekdays, everyWeeks, until } = repeat;
  const parts = [
    'FREQ=WEEKLY',
    everyWeeks > 1 && `INTERVAL=${everyWeeks}`,
    `BYDAY=${weekdays.map((day) => CODES[day]).join(',')}`,
    until && `UNTIL=${until.replaceAll('-', '')}`,
  ];
  return parts.filter((part) => part).join(';');
};

/** The first day that the repetition falls on, from `date`: what RFC 5545 wants as DTSTART. */
export const firstDay = (repeat: Repeat, date: string): string => {
  if (repeat.kind !== 'weekly') return date;
  const ahead = ALL_WEEKDAYS.find((days) => repeat.weekdays.includes(weekdayOf(addDays(date, days))));
  return addDays(date, ahead ?? 0);
};

const mondayOf = (date: string): string => addDays(date, -weekdayOf(date));

const fallsOn = (rule: AvailabilityRule, date: string): boolean | undefined => {
  const repeat = repeatOf(rule);
  if (repeat.kind === 'other') return undefined;
  if (repeat.kind === 'once') return date === rule.startsOn;
  if (date < rule.startsOn || (repeat.until !== undefined && date > repeat.until)) return false;
  const weeks = daysBetween(mondayOf(rule.startsOn), mondayOf(date)) / 7;
  return repeat.weekdays.includes(weekdayOf(date)) && weeks % repeat.everyWeeks === 0;
};

/** Dates skipped and added as they are now, each at most once. */
export interface DayOfRule {
  readonly date: string;
  readonly state: 'on' | 'skipped' | 'added';
}

/** The days of a rule in a range, both ends in it; undefined where only core can tell. */
export const daysOfRule = (
  rule: AvailabilityRule,
  { from, days, max }: { from: string; days: number; max: number },
): DayOfRule[] | undefined => {
  const found: DayOfRule[] = [];
  for (let ahead = 0; ahead < days && found.length < max; ahead += 1) {
    const date = addDays(from, ahead);
    const falls = fallsOn(rule, date);
    if (falls === undefined) return undefined;
    const inForce = (rule.effectiveFrom ?? date) <= date && date <= (rule.effectiveTo ?? date);
    const added = rule.rdates.includes(date);
    if (!inForce || !(falls || added)) continue;
    found.push({ date, state: rule.exdates.includes(date) ? 'skipped' : falls ? 'on' : 'added' });
  }
  return found;
};
