/** Minutes. A wall clock counts from 1970-01-01T00:00 as the clock shows it, an instant from the epoch in UTC. */
export type WallMinute = number;
export type InstantMinute = number;

/** A rule of RFC 5545 and its DTSTART. UNTIL is `YYYYMMDDT235959`. */
export interface OracleRule {
  readonly startsAt: WallMinute;
  readonly rrule: string;
}

/** The occurrences that exist, ascending, of two readings the first. */
export type Occurrences = readonly (readonly [WallMinute, InstantMinute])[];

/** The zone's clock is `before` minutes ahead of UTC until `at` and `after` minutes from then on. */
export interface Transition {
  readonly at: InstantMinute;
  readonly before: number;
  readonly after: number;
}

/** Somebody else's reading of recurrence rules and time zones. */
export interface Oracle {
  readonly name: string;
  /** The answers in the order of the rules; undefined where it contradicts the tz database that it reads. */
  readonly occurrences: (zone: string, rules: readonly OracleRule[]) => Promise<readonly Occurrences[] | undefined>;
}
