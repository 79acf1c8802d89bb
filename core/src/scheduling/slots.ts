import { dayOf, resolveWallClock, wallClockOn, weekdayOf } from './wall-clock.ts';

export interface Interval {
  readonly startsAtMs: number;
  readonly endsAtMs: number;
}

/** A weekly window in the provider's own wall clock; minutes of the day, 1440 is its end. */
export interface WeeklyWindow {
  readonly weekday: number;
  readonly startsMinute: number;
  readonly endsMinute: number;
}

/**
 * The windows as instants, for every day that touches `range`, by start. Start and end are resolved separately: the
 * window 01:00–05:00 is 3 hours long on the night that loses one. A window whose start does not exist on a day is not
 * there that day; an end that does not exist is the jump.
 */
export const expandWindows = (windows: readonly WeeklyWindow[], timeZone: string, range: Interval): Interval[] => {
  const intervals: Interval[] = [];
  const lastDay = dayOf(range.endsAtMs, timeZone);
  for (let day = dayOf(range.startsAtMs, timeZone); day <= lastDay; day++) {
    for (const window of windows) {
      if (window.weekday !== weekdayOf(day)) continue;
      const start = resolveWallClock(wallClockOn(day, window.startsMinute), timeZone);
      const end = resolveWallClock(wallClockOn(day, window.endsMinute), timeZone);
      if (start.kind === 'instant' && start.atMs < end.atMs)
        intervals.push({ startsAtMs: start.atMs, endsAtMs: end.atMs });
    }
  }
  return intervals.sort((one, other) => one.startsAtMs - other.startsAtMs);
};

const overlaps = (one: Interval, other: Interval): boolean =>
  one.startsAtMs < other.endsAtMs && other.startsAtMs < one.endsAtMs;

/** Free slots that lie wholly in `range`, stepped in instants from the start of each window. */
export const freeSlots = (options: {
  readonly windows: readonly WeeklyWindow[];
  readonly timeZone: string;
  readonly durationMinutes: number;
  readonly busy: readonly Interval[];
  readonly range: Interval;
}): Interval[] => {
  const stepMs = options.durationMinutes * 60_000;
  const slots = new Map<number, Interval>();
  for (const window of expandWindows(options.windows, options.timeZone, options.range)) {
    for (let startsAtMs = window.startsAtMs; startsAtMs + stepMs <= window.endsAtMs; startsAtMs += stepMs) {
      const slot = { startsAtMs, endsAtMs: startsAtMs + stepMs };
      if (slot.startsAtMs < options.range.startsAtMs || slot.endsAtMs > options.range.endsAtMs) continue;
      if (!options.busy.some((taken) => overlaps(taken, slot))) slots.set(startsAtMs, slot);
    }
  }
  return [...slots.values()].sort((one, other) => one.startsAtMs - other.startsAtMs);
};

/** `HH:MM` to minutes of the day. */
export const minuteOfDay = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

export const localTime = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
