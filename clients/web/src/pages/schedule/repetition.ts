/** A visit again and again, some weeks apart. Pure. */
import type { Appointment } from '@bedside/protocol';
import { addDays, instantOf, isoInstant, shortDate, timeOf, wallClock } from '../../text/zoned.ts';

export interface Repetition {
  readonly everyWeeks: number;
  /** How many visits follow, at least one. */
  readonly count: number;
}

/** The dates that follow the visit, by the provider's calendar, where each keeps the visit's wall-clock time. */
export const datesOf = (
  visit: Pick<Appointment, 'startsAt' | 'provider'>,
  { everyWeeks, count }: Repetition,
): string[] => {
  const { date } = wallClock(Date.parse(visit.startsAt), visit.provider.timeZone);
  return Array.from({ length: count }, (_, index) => addDays(date, 7 * everyWeeks * (index + 1)));
};

/** Start and rule of the series that follows the visit, as `SeriesRequest` takes them. */
export const seriesAfter = (
  visit: Pick<Appointment, 'startsAt' | 'provider'>,
  repetition: Repetition,
): { startsAt: string; rrule: string; timeZone: string } => {
  const { timeZone } = visit.provider;
  const { minutes } = wallClock(Date.parse(visit.startsAt), timeZone);
  const [first = ''] = datesOf(visit, repetition);
  const { everyWeeks, count } = repetition;
  return {
    startsAt: isoInstant(instantOf(first, timeOf(minutes), timeZone)),
    rrule: `FREQ=WEEKLY;INTERVAL=${everyWeeks};COUNT=${count}`,
    timeZone,
  };
};

const REFUSALS: Record<string, string> = {
  slot_taken: 'somebody else has this time',
  slot_unavailable: 'outside the open hours',
  patient_busy: 'the patient has another visit then',
  day_full: 'the day is full',
  slot_too_far: 'too far ahead',
  slot_too_soon: 'too soon',
  not_licensed: 'no licence for the patient’s state on that day',
  payer_not_accepted: 'the payer does not take it on that day',
};

/** "Tue, Dec 1: the day is full", of core's answer `2026-12-01: day_full`. */
export const refusalWords = (message: string): string => {
  const [, date = '', code = ''] = /^(\d{4}-\d\d-\d\d): (\w+)/.exec(message) ?? [];
  return date ? `${shortDate(date)}: ${REFUSALS[code] ?? 'cannot be booked'}` : message;
};
