import { IANAZone } from 'luxon';
import { offsetAt } from './wall-clock-offsets.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** What a wall-clock reading is in instants. A reading that the clock jumps over is a `gap` at the jump. */
export type WallClock =
  | { readonly kind: 'instant'; readonly atMs: number }
  | { readonly kind: 'gap'; readonly atMs: number };

const jumpBetween = (zoneName: string, beforeMs: number, afterMs: number): number => {
  const offsetAfter = offsetAt(zoneName, afterMs);
  let [low, high] = [beforeMs, afterMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(zoneName, middle) === offsetAfter) high = middle;
    else low = middle;
  }
  return high;
};

/**
 * Resolves a wall-clock reading in a zone. `wallMs` is the reading taken as if it were UTC. Of a reading that comes
 * twice, the first counts (RFC 5545 §3.3.5). Later readings never resolve to earlier instants.
 */
export const resolveWallClock = (wallMs: number, zoneName: string): WallClock => {
  const before = wallMs - offsetAt(zoneName, wallMs - DAY_MS);
  const after = wallMs - offsetAt(zoneName, wallMs + DAY_MS);
  const first = Math.min(before, after);
  if (first + offsetAt(zoneName, first) === wallMs) return { kind: 'instant', atMs: first };
  const last = Math.max(before, after);
  if (last + offsetAt(zoneName, last) === wallMs) return { kind: 'instant', atMs: last };
  return { kind: 'gap', atMs: jumpBetween(zoneName, first, last) };
};

/** A calendar day as the number of days since 1970-01-01. */
export const dayOf = (atMs: number, zoneName: string): number => Math.floor((atMs + offsetAt(zoneName, atMs)) / DAY_MS);

/** ISO 8601 weekday of a calendar day, Monday is 1. */
export const weekdayOf = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1;

/** The instant at which a calendar day begins in a zone; where midnight is jumped over, the jump. */
export const startOfDay = (day: number, zoneName: string): number => resolveWallClock(day * DAY_MS, zoneName).atMs;

export const wallClockOn = (day: number, minuteOfDay: number): number => day * DAY_MS + minuteOfDay * MINUTE_MS;

/** Asking the platform makes a formatter each time; names in all spellings of upper and lower case are many. */
const MAX_KNOWN_ZONES = 1_000;
const knownZones = new Set<string>();

/** Names only: an offset such as `+02:00`, which the platform takes for a zone too, knows no summer. */
export const isTimeZone = (name: string): boolean => {
  if (knownZones.has(name)) return true;
  if (!/^[A-Za-z]/.test(name) || !IANAZone.isValidZone(name)) return false;
  if (knownZones.size >= MAX_KNOWN_ZONES) knownZones.clear();
  knownZones.add(name);
  return true;
};
