import { IANAZone } from 'luxon';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** What a wall-clock reading is in instants. A reading that the clock jumps over is a `gap` at the jump. */
export type WallClock =
  | { readonly kind: 'instant'; readonly atMs: number }
  | { readonly kind: 'gap'; readonly atMs: number };

const jumpBetween = (zone: IANAZone, beforeMs: number, afterMs: number): number => {
  const offsetAfter = zone.offset(afterMs);
  let [low, high] = [beforeMs, afterMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (zone.offset(middle) === offsetAfter) high = middle;
    else low = middle;
  }
  return high;
};

/**
 * Resolves a wall-clock reading in a zone. `wallMs` is the reading taken as if it were UTC. Of a reading that comes
 * twice, the first counts.
 */
export const resolveWallClock = (wallMs: number, zoneName: string): WallClock => {
  const zone = IANAZone.create(zoneName);
  const candidates = [zone.offset(wallMs - DAY_MS), zone.offset(wallMs + DAY_MS)].map(
    (offset) => wallMs - offset * MINUTE_MS,
  );
  const [first, last] = [Math.min(...candidates), Math.max(...candidates)];
  for (const atMs of [first, last]) {
    if (atMs + zone.offset(atMs) * MINUTE_MS === wallMs) return { kind: 'instant', atMs };
  }
  return { kind: 'gap', atMs: jumpBetween(zone, first, last) };
};

/** A calendar day as the number of days since 1970-01-01. */
export const dayOf = (atMs: number, zoneName: string): number =>
  Math.floor((atMs + IANAZone.create(zoneName).offset(atMs) * MINUTE_MS) / DAY_MS);

/** ISO 8601 weekday of a calendar day, Monday is 1. */
export const weekdayOf = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1;

/** The instant at which a calendar day begins in a zone; where midnight is jumped over, the jump. */
export const startOfDay = (day: number, zoneName: string): number => resolveWallClock(day * DAY_MS, zoneName).atMs;

export const wallClockOn = (day: number, minuteOfDay: number): number => day * DAY_MS + minuteOfDay * MINUTE_MS;

export const isTimeZone = (name: string): boolean => IANAZone.isValidZone(name);
