import type { Frequency, Recurrence } from './recurrence-grammar.ts';
import { weekdayOf } from './wall-clock.ts';

// The years, months, weeks or days by which a rule counts its INTERVAL. Days are days since 1970-01-01.

const DAY_MS = 86_400_000;

/** How long a period is. */
export const PERIOD_DAYS = {
  YEARLY: { least: 365, most: 366 },
  MONTHLY: { least: 28, most: 31 },
  WEEKLY: { least: 7, most: 7 },
  DAILY: { least: 1, most: 1 },
} as const satisfies Record<Frequency, { least: number; most: number }>;

export const dateOf = (day: number): Date => new Date(day * DAY_MS);

const monthOf = (day: number): number => {
  const date = dateOf(day);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
};

const firstDayOfMonth = (month: number): number => Date.UTC(Math.floor(month / 12), month % 12, 1) / DAY_MS;

/** The last multiple of `interval` periods after `from` that is not after `to`. */
const stepDown = ({ from, to, interval }: { from: number; to: number; interval: number }): number =>
  from + Math.floor(Math.max(0, to - from) / interval) * interval;

/**
 * The first day of the period at which the count of INTERVAL stands on `day` or last stood before it. Whoever begins
 * there instead of at DTSTART finds the same days and skips the years between.
 */
export const periodStart = (
  { frequency, interval, weekStart }: Recurrence,
  startsOnDay: number,
  day: number,
): number => {
  switch (frequency) {
    case 'DAILY':
      return stepDown({ from: startsOnDay, to: day, interval });
    case 'WEEKLY': {
      const from = startsOnDay - ((weekdayOf(startsOnDay) - weekStart + 7) % 7);
      return stepDown({ from, to: day, interval: interval * 7 });
    }
    case 'MONTHLY':
      return firstDayOfMonth(stepDown({ from: monthOf(startsOnDay), to: monthOf(day), interval }));
    case 'YEARLY': {
      const yearOf = (of: number) => Math.floor(monthOf(of) / 12);
      return firstDayOfMonth(stepDown({ from: yearOf(startsOnDay), to: yearOf(day), interval }) * 12);
    }
    default:
      return frequency satisfies never;
  }
};

/** What tells the periods of a rule apart; `beginDay` is the first day of one. */
export const periodOf = ({ frequency }: Recurrence, beginDay: number, day: number): number => {
  switch (frequency) {
    case 'DAILY':
      return day;
    case 'WEEKLY':
      return Math.floor((day - beginDay) / 7);
    case 'MONTHLY':
      return monthOf(day);
    case 'YEARLY':
      return Math.floor(monthOf(day) / 12);
    default:
      return frequency satisfies never;
  }
};
