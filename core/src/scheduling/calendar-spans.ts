import type { ProviderCalendar } from '@bedside/protocol';
import { type AvailabilityRule, openingsOf, windowsOf } from './availability.ts';
import { dayOf, startOfDay } from './wall-clock.ts';

const MINUTE_MS = 60_000;

/** A provider's time as the rules lay it out, with the names that people gave its pieces. */
export interface CalendarFacts {
  readonly timeZone: string;
  readonly rules: readonly (AvailabilityRule & { readonly label: string })[];
  readonly timeOff: readonly { readonly startsAt: Date; readonly endsAt: Date; readonly label: string }[];
  /** Name by day since 1970-01-01. */
  readonly holidays: ReadonlyMap<number, string>;
}

type Spans = Pick<ProviderCalendar, 'open' | 'blocks'>;

const span = (startsAtMs: number, endsAtMs: number) => ({
  startsAt: new Date(startsAtMs).toISOString(),
  endsAt: new Date(endsAtMs).toISOString(),
});

/** What touches [`fromMs`, `toMs`) of a provider's time: what can be booked, and what keeps the rest from it; by start. */
export const calendarSpans = (facts: CalendarFacts, range: { fromMs: number; toMs: number }): Spans => {
  const { timeZone, holidays } = facts;
  const days = { fromDay: dayOf(range.fromMs, timeZone) - 1, toDay: dayOf(range.toMs, timeZone) };
  const options = { timeZone, holidays: new Set(holidays.keys()), ...days };
  const touches = (one: { startsAt: string; endsAt: string }): boolean =>
    Date.parse(one.startsAt) < range.toMs && Date.parse(one.endsAt) > range.fromMs;
  const open = openingsOf({
    ...options,
    rules: facts.rules,
    timeOff: facts.timeOff.map((off) => ({ startsAtMs: off.startsAt.getTime(), endsAtMs: off.endsAt.getTime() })),
  }).flatMap(({ openings }) =>
    openings.map(([start, end, ids]) => ({ ...span(start * MINUTE_MS, end * MINUTE_MS), visitTypeIds: [...ids] })),
  );
  const charting = facts.rules
    .filter((rule) => rule.kind === 'block')
    .flatMap((rule) =>
      windowsOf(rule, options).map(({ startMinute, endMinute }) => ({
        ...span(startMinute * MINUTE_MS, endMinute * MINUTE_MS),
        label: rule.label,
        kind: 'block' as const,
      })),
    );
  const away = facts.timeOff.map(({ startsAt, endsAt, label }) => ({
    ...span(startsAt.getTime(), endsAt.getTime()),
    label,
    kind: 'time-off' as const,
  }));
  const closed = [...holidays]
    .filter(([day]) => day >= days.fromDay && day <= days.toDay)
    .map(([day, label]) => ({
      ...span(startOfDay(day, timeZone), startOfDay(day + 1, timeZone)),
      label,
      kind: 'holiday' as const,
    }));
  const blocks = [...charting, ...away, ...closed].filter(touches);
  return {
    open: open.filter(touches),
    blocks: blocks.sort((one, other) => Date.parse(one.startsAt) - Date.parse(other.startsAt)),
  };
};
