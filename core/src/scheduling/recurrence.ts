import { AppError } from '@bedside/protocol';
import rrule, { type Weekday } from 'rrule';
import { type Frequency, type Recurrence, readRecurrence, refused } from './recurrence-grammar.ts';
import { dateOf, PERIOD_DAYS, periodOf, periodStart } from './recurrence-periods.ts';
import { weekdayOf } from './wall-clock.ts';

// The one file that knows rrule. It is given whole days as midnights of UTC and never a zone: with `tzid` its answers
// depend on the zone of the process (ARCHITECTURE.md).

const { RRule } = rrule;
const DAY_MS = 86_400_000;
/** Eight years: the longest wait for a 29 February, over 2100. */
const FIRST_WITHIN_DAYS = 2_922;
/** 1970 to 2199: before it there was no clinic here, and work grows with the distance from a first day. */
const DAYS_THAT_CAN_START = { first: 0, last: 84_005 };

const FREQUENCY = {
  YEARLY: RRule.YEARLY,
  MONTHLY: RRule.MONTHLY,
  WEEKLY: RRule.WEEKLY,
  DAILY: RRule.DAILY,
} as const satisfies Record<Frequency, number>;

const rruleWeekday = (weekday: number, ordinal?: number): Weekday => {
  const names = [RRule.MO, RRule.TU, RRule.WE, RRule.TH, RRule.FR, RRule.SA, RRule.SU] as const;
  const name = names[weekday - 1] ?? RRule.MO;
  return ordinal === undefined ? name : name.nth(ordinal);
};

/** What §3.3.10 takes from DTSTART where the rule does not say, since the search does not begin at DTSTART. */
const impliedParts = ({ frequency, ...rule }: Recurrence, startsOnDay: number) => {
  const startsOn = dateOf(startsOnDay);
  const saysDay = rule.weekdays.length + rule.monthDays.length + rule.yearDays.length + rule.weekNumbers.length > 0;
  const monthDays =
    saysDay || frequency === 'DAILY' || frequency === 'WEEKLY' ? rule.monthDays : [startsOn.getUTCDate()];
  const isBirthday = !saysDay && frequency === 'YEARLY' && rule.months.length === 0;
  return {
    months: isBirthday ? [startsOn.getUTCMonth() + 1] : rule.months,
    monthDays,
    weekdays:
      frequency === 'WEEKLY' && rule.weekdays.length === 0
        ? [{ weekday: weekdayOf(startsOnDay), ordinal: undefined }]
        : rule.weekdays,
  };
};

interface Span {
  readonly startsOnDay: number;
  readonly fromDay: number;
  readonly toDay: number;
}

/**
 * Ends the search after so many periods. rrule looks at UNTIL only when it has found a day, so where none is left it
 * goes on to the year 9999: FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30 held the process for 10 s. It does stop where the
 * interval is 0, which it reads twice in a period.
 */
const limitPeriods = (rule: InstanceType<typeof RRule>, periods: number): void => {
  const { interval } = rule.options;
  let reads = 2 * (periods + 1);
  Object.defineProperty(rule.options, 'interval', { get: () => (reads-- > 0 ? interval : 0) });
};

/** The days from `beginDay`, the first of a period, to `toDay` that the BY parts leave, until `visit` says false. */
const eachCandidate = (
  recurrence: Recurrence,
  span: { readonly startsOnDay: number; readonly beginDay: number; readonly toDay: number },
  visit: (day: number) => boolean,
): void => {
  const { beginDay, toDay } = span;
  const { months, monthDays, weekdays } = impliedParts(recurrence, span.startsOnDay);
  const rule = new RRule(
    {
      freq: FREQUENCY[recurrence.frequency],
      dtstart: dateOf(beginDay),
      interval: recurrence.interval,
      wkst: rruleWeekday(recurrence.weekStart),
      until: dateOf(toDay),
      bymonth: [...months],
      bymonthday: [...monthDays],
      byyearday: [...recurrence.yearDays],
      byweekno: [...recurrence.weekNumbers],
      byweekday: weekdays.map(({ weekday, ordinal }) => rruleWeekday(weekday, ordinal)),
    },
    true,
  );
  const leastDays = PERIOD_DAYS[recurrence.frequency].least * recurrence.interval;
  limitPeriods(rule, Math.ceil((toDay - beginDay + 1) / leastDays));
  rule.all((date) => visit(date.getTime() / DAY_MS));
};

const pick = (days: readonly number[], positions: readonly number[]): number[] => {
  const picked = positions.map((position) => days[position > 0 ? position - 1 : days.length + position]);
  return [...new Set(picked)].filter((day) => day !== undefined).sort((one, other) => one - other);
};

/**
 * As `eachCandidate`, with BYSETPOS, which picks from the whole of a period, also where it begins before DTSTART or
 * ends after UNTIL. Not left to rrule, which takes the first of two days for the fourth from the end.
 */
const eachPicked: typeof eachCandidate = (recurrence, span, visit) => {
  const toDay = span.toDay + PERIOD_DAYS[recurrence.frequency].most;
  let period: number[] = [];
  let goesOn = true;
  const flush = () => {
    for (const day of pick(period, recurrence.positions)) goesOn &&= day <= span.toDay && visit(day);
    period = [];
  };
  eachCandidate(recurrence, { ...span, toDay }, (day) => {
    const [first = day] = period;
    if (periodOf(recurrence, span.beginDay, first) !== periodOf(recurrence, span.beginDay, day)) flush();
    period.push(day);
    return goesOn;
  });
  flush();
};

/** The days within the span in order, until `visit` says false. COUNT is the caller's. */
const eachDay = (recurrence: Recurrence, span: Span, visit: (day: number) => boolean): void => {
  const { startsOnDay } = span;
  const fromDay = Math.max(span.fromDay, startsOnDay);
  const toDay = Math.min(span.toDay, recurrence.untilDay ?? span.toDay);
  if (fromDay > toDay) return;
  const beginDay = periodStart(recurrence, startsOnDay, fromDay);
  const each = recurrence.positions.length === 0 ? eachCandidate : eachPicked;
  each(recurrence, { startsOnDay, beginDay, toDay }, (day) => day < fromDay || visit(day));
};

/**
 * The days in [`fromDay`, `toDay`] on which a rule that starts on `startsOnDay` happens, ascending, in days since
 * 1970-01-01. `startsOnDay` is one of them only if the rule says so. COUNT counts from `startsOnDay` on. A day of which
 * `isSkipped` is true, because its clock jumps over the time in question, neither happens nor counts (§3.3.10). Work is
 * bounded by the span, with COUNT by the time since `startsOnDay`.
 */
export const occurrenceDays = (
  options: Span & { readonly recurrence: Recurrence; readonly isSkipped?: (day: number) => boolean },
): number[] => {
  const { recurrence, fromDay, startsOnDay, isSkipped } = options;
  const days: number[] = [];
  let left = recurrence.count ?? Number.POSITIVE_INFINITY;
  const span = recurrence.count === undefined ? options : { ...options, fromDay: startsOnDay };
  eachDay(recurrence, span, (day) => {
    if (isSkipped?.(day)) return true;
    if (day >= fromDay) days.push(day);
    left--;
    return left > 0;
  });
  return days;
};

/**
 * Reads a rule that somebody wants to begin on `startsOnDay`, in days since 1970-01-01. Errors: `bad_request` whose
 * detail names the field and the fix, also for a rule that does not happen within eight years of its first day.
 */
export const parseRecurrence = (text: string, startsOnDay: number): Recurrence => {
  if (!(startsOnDay >= DAYS_THAT_CAN_START.first && startsOnDay <= DAYS_THAT_CAN_START.last))
    throw new AppError('bad_request', { detail: 'startsOn: must be a date from 1970-01-01 to 2199-12-31.' });
  const recurrence = readRecurrence(text);
  if (recurrence.untilDay !== undefined && recurrence.untilDay < startsOnDay)
    throw refused('UNTIL must not be before the first day startsOn.');
  let happens = false;
  eachDay(recurrence, { startsOnDay, fromDay: startsOnDay, toDay: startsOnDay + FIRST_WITHIN_DAYS }, () => {
    happens = true;
    return false;
  });
  if (!happens) throw refused('must happen for the first time within eight years of startsOn; no such day was found.');
  return recurrence;
};
