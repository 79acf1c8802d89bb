import type { VisitTypeId } from '@bedside/protocol';
import { type DayOpenings, type Interval, type MinuteSpan, mergeOpenings, type OpenWindow } from './openings.ts';
import { occurrenceDays } from './recurrence.ts';
import type { Recurrence } from './recurrence-grammar.ts';
import { resolveWallClock, type WallClock, wallClockOn } from './wall-clock.ts';

const MINUTE_MS = 60_000;

/** A row of `availability_rules`. Days are days since 1970-01-01 in the provider's calendar, minutes count from 00:00. */
export interface AvailabilityRule {
  readonly kind: 'open' | 'block';
  readonly startsOnDay: number;
  /** 0 to 1439. */
  readonly startsMinute: number;
  /** Later than the start by at most 1440; beyond 1440 it is on the next day. */
  readonly endsMinute: number;
  /** Undefined happens once, on `startsOnDay`. */
  readonly recurrence: Recurrence | undefined;
  /** Taken away, also from `rDays`. */
  readonly exDays: readonly number[];
  /** Added. */
  readonly rDays: readonly number[];
  /** The first and the last day on which the rule holds, whatever it says. */
  readonly effectiveFromDay: number | undefined;
  readonly effectiveToDay: number | undefined;
  /** Empty admits every visit type. */
  readonly visitTypeIds: readonly VisitTypeId[];
  /** Of an open window. What blocks a day blocks a holiday too: somebody may work on it. */
  readonly worksOnHolidays: boolean;
}

interface DaySpan {
  readonly fromDay: number;
  readonly toDay: number;
}

const regularDays = (rule: AvailabilityRule, span: DaySpan, timeZone: string): readonly number[] => {
  const { recurrence, startsOnDay, startsMinute } = rule;
  if (recurrence === undefined) return [startsOnDay].filter((day) => day >= span.fromDay && day <= span.toDay);
  if (rule.kind === 'block') return occurrenceDays({ recurrence, startsOnDay, ...span });
  const isSkipped = (day: number) => resolveWallClock(wallClockOn(day, startsMinute), timeZone).kind === 'gap';
  return occurrenceDays({ recurrence, startsOnDay, ...span, isSkipped });
};

/** The days in the span on which a window of the rule starts. */
const daysOf = (rule: AvailabilityRule, span: DaySpan, timeZone: string): Set<number> => {
  const fromDay = Math.max(span.fromDay, rule.effectiveFromDay ?? span.fromDay);
  const toDay = Math.min(span.toDay, rule.effectiveToDay ?? span.toDay);
  const days = new Set(regularDays(rule, { fromDay, toDay }, timeZone));
  for (const day of rule.rDays) if (day >= fromDay && day <= toDay) days.add(day);
  for (const day of rule.exDays) days.delete(day);
  return days;
};

/** Zones whose offset is no whole minute ended with Liberia's in 1972; `slot_days` counts minutes. */
const wholeMinute = (atMs: number): number => {
  const minute = atMs / MINUTE_MS;
  if (!Number.isInteger(minute)) throw new RangeError('A wall clock resolved to no whole minute.');
  return minute;
};

const minuteOf = (wall: WallClock): number => wholeMinute(wall.atMs);

/**
 * Where one occurrence lies. Both ends are resolved alone: a reading in a gap is the jump, of two readings the first
 * counts. That keeps readings in order, so windows that meet on the clock face meet in time, on every night. An `open`
 * window whose start is in a gap does not exist (RFC 5545 §3.3.10); a `block` does, from the jump on: what is left of
 * it is still not to be booked. Undefined where nothing is left.
 */
const spanOf = (rule: AvailabilityRule, day: number, timeZone: string): MinuteSpan | undefined => {
  const start = resolveWallClock(wallClockOn(day, rule.startsMinute), timeZone);
  if (rule.kind === 'open' && start.kind === 'gap') return undefined;
  const startMinute = minuteOf(start);
  const endMinute = minuteOf(resolveWallClock(wallClockOn(day, rule.endsMinute), timeZone));
  return startMinute < endMinute ? { startMinute, endMinute } : undefined;
};

/** Windows of one rule that start on the days [`fromDay`, `toDay`], whatever else blocks them; none on its holidays. */
export const windowsOf = (
  rule: AvailabilityRule,
  options: {
    readonly holidays: ReadonlySet<number>;
    readonly timeZone: string;
    readonly fromDay: number;
    readonly toDay: number;
  },
): (MinuteSpan & { readonly day: number })[] => {
  const windows: (MinuteSpan & { day: number })[] = [];
  for (const day of daysOf(rule, options, options.timeZone)) {
    if (rule.kind === 'open' && !rule.worksOnHolidays && options.holidays.has(day)) continue;
    const span = spanOf(rule, day, options.timeZone);
    if (span !== undefined) windows.push({ ...span, day });
  }
  return windows;
};

/**
 * What a provider has open on each of the days [`fromDay`, `toDay`] of their own calendar, in days since 1970-01-01:
 * `open` windows without `block` windows and without time off. A holiday takes the windows that start on it, of both
 * kinds, from every rule that does not work on holidays. A window belongs to the day on which it starts; where the next
 * day's windows overlap it, the overlap belongs to it too. The answer for a day does not depend on which other days are
 * asked for, nor on the order of the arguments. Days with nothing open are left out. Work grows with days × rules.
 */
export const openingsOf = (options: {
  readonly rules: readonly AvailabilityRule[];
  /** Rounded outwards to whole minutes. */
  readonly timeOff: readonly Interval[];
  /** In days since 1970-01-01. */
  readonly holidays: ReadonlySet<number>;
  readonly timeZone: string;
  readonly fromDay: number;
  readonly toDay: number;
}): DayOpenings[] => {
  const { timeZone, fromDay, toDay } = options;
  const windows: OpenWindow[] = [];
  const blocked: MinuteSpan[] = options.timeOff.map(({ startsAtMs, endsAtMs }) => ({
    startMinute: Math.floor(startsAtMs / MINUTE_MS),
    endMinute: Math.ceil(endsAtMs / MINUTE_MS),
  }));
  // A window lasts at most a day, so what touches the days asked for starts on them or on a neighbour.
  const span = { fromDay: fromDay - 1, toDay: toDay + 1, timeZone, holidays: options.holidays };
  for (const rule of options.rules) {
    for (const found of windowsOf(rule, span)) {
      if (rule.kind === 'block') blocked.push(found);
      else windows.push({ ...found, visitTypeIds: rule.visitTypeIds });
    }
  }
  return mergeOpenings(windows, blocked).filter(({ day }) => day >= fromDay && day <= toDay);
};
