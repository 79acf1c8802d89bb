import { AppError, SERIES_MAX } from '@bedside/protocol';
import { occurrenceDays, parseRecurrence } from './recurrence.ts';
import { dayOf, resolveWallClock, wallClockOn } from './wall-clock.ts';

const MINUTE_MS = 60_000;
/** Further ahead nobody's calendar is known. */
const LAST_WITHIN_DAYS = 731;

/** A visit of a series; undefined where the clock of the zone jumps over its time on that day. */
export interface Occurrence {
  /** Days since 1970-01-01. */
  readonly day: number;
  readonly startsAt: Date | undefined;
}

/**
 * When a series happens. Each occurrence is set by the wall clock of `timeZone` at `startsAt`, so their instants shift
 * with its clock changes. The first is `startsAt` itself. Errors: `bad_request` (`rrule`, `startsAt`).
 */
export const occurrencesOf = (series: {
  readonly startsAt: Date;
  readonly rrule: string;
  readonly timeZone: string;
}): Occurrence[] => {
  const { startsAt, timeZone } = series;
  const startsOnDay = dayOf(startsAt.getTime(), timeZone);
  const recurrence = parseRecurrence(series.rrule, startsOnDay);
  if (recurrence.count === undefined && recurrence.untilDay === undefined)
    throw new AppError('bad_request', { detail: 'rrule: must end, by COUNT or UNTIL.' });
  const days = occurrenceDays({
    recurrence,
    startsOnDay,
    fromDay: startsOnDay,
    toDay: startsOnDay + LAST_WITHIN_DAYS,
  });
  if (days.length > SERIES_MAX)
    throw new AppError('bad_request', { detail: `rrule: must have at most ${SERIES_MAX} occurrences.` });
  if (recurrence.count !== undefined && days.length < recurrence.count)
    throw new AppError('bad_request', { detail: `rrule: must end within ${LAST_WITHIN_DAYS} days.` });
  if (days[0] !== startsOnDay) throw new AppError('bad_request', { detail: 'startsAt: must be on a day of the rule.' });
  const minute = wallMinuteOf(startsAt, { day: startsOnDay, timeZone });
  return days.map((day) => {
    const wall = resolveWallClock(wallClockOn(day, minute), timeZone);
    const at = day === startsOnDay ? startsAt : wall.kind === 'instant' ? new Date(wall.atMs) : undefined;
    return { day, startsAt: at };
  });
};

/** The wall clock's minute of the day. */
const wallMinuteOf = (at: Date, where: { readonly day: number; readonly timeZone: string }): number => {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: where.timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const partOf = (type: 'hour' | 'minute') => Number(parts.find((part) => part.type === type)?.value);
  if (at.getTime() % MINUTE_MS !== 0)
    throw new AppError('bad_request', { detail: 'startsAt: must be on a whole minute.' });
  return partOf('hour') * 60 + partOf('minute');
};
