import type { VisitTypeId } from '@bedside/protocol';
import type { RuleRow } from './availability-store.ts';
import { resolveWallClock, wallClockOn, weekdayOf } from './wall-clock.ts';

/** Minutes since 1970-01-01T00:00Z; an empty list admits every visit type. */
export type Opening = [startMinute: number, endMinute: number, visitTypeIds: VisitTypeId[]];

export interface OpenDay {
  /** Days since 1970-01-01, in the provider's zone. */
  readonly day: number;
  readonly openings: Opening[];
}

const MINUTE_MS = 60_000;
const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

/** What weekly windows leave open, day by day. */
export const openingsOf = (options: {
  readonly rules: readonly RuleRow[];
  readonly timeZone: string;
  readonly fromDay: number;
  readonly toDay: number;
}): OpenDay[] => {
  const days: OpenDay[] = [];
  for (let day = options.fromDay; day <= options.toDay; day++) {
    const openings: Opening[] = [];
    for (const rule of options.rules) {
      if (rule.kind !== 'open' || rule.rrule !== `FREQ=WEEKLY;BYDAY=${WEEKDAYS[weekdayOf(day) - 1]}`) continue;
      const start = resolveWallClock(wallClockOn(day, rule.startsMinute), options.timeZone);
      const end = resolveWallClock(wallClockOn(day, rule.endsMinute), options.timeZone);
      if (start.kind === 'instant' && start.atMs < end.atMs)
        openings.push([start.atMs / MINUTE_MS, end.atMs / MINUTE_MS, [...rule.visitTypeIds].sort()]);
    }
    if (openings.length > 0) days.push({ day, openings: openings.sort((one, other) => one[0] - other[0]) });
  }
  return days;
};

export interface BusyTime {
  readonly startsAtMs: number;
  readonly endsAtMs: number;
}

/** What of a visit type decides which times can be offered. */
export interface SlotShape {
  readonly id: VisitTypeId;
  readonly durationMinutes: number;
  readonly bufferBeforeMinutes: number;
  readonly bufferAfterMinutes: number;
  readonly stepMinutes: number | null;
}

/** Starts of visits that lie in one opening and, with their buffers, clear of what is busy. */
export const slotStarts = (options: {
  readonly openings: readonly Opening[];
  readonly visitType: SlotShape;
  readonly busy: readonly BusyTime[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}): number[] => {
  const { id, durationMinutes, bufferBeforeMinutes, bufferAfterMinutes, stepMinutes } = options.visitType;
  const durationMs = durationMinutes * MINUTE_MS;
  const stepMs = (stepMinutes ?? bufferBeforeMinutes + durationMinutes + bufferAfterMinutes) * MINUTE_MS;
  const starts = new Set<number>();
  for (const [startMinute, endMinute, types] of options.openings) {
    if (types.length > 0 && !types.includes(id)) continue;
    for (let at = startMinute * MINUTE_MS; at + durationMs <= endMinute * MINUTE_MS; at += stepMs) {
      if (at < options.notBeforeMs || at + durationMs > options.notAfterMs) continue;
      const [from, to] = [at - bufferBeforeMinutes * MINUTE_MS, at + durationMs + bufferAfterMinutes * MINUTE_MS];
      if (!options.busy.some((busy) => busy.startsAtMs < to && from < busy.endsAtMs)) starts.add(at);
    }
  }
  return [...starts].sort((one, other) => one - other);
};
