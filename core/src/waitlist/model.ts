import type { WaitlistStatus } from '@bedside/protocol';
import { DateTime } from 'luxon';

const MINUTE_MS = 60_000;

/** Who let so many offers lapse is no longer asked. */
export const LAPSES_MAX = 3;
/** Places in line that one patient may have. */
export const ENTRIES_MAX = 10;
/** An offer that could not stand so long is not made: nobody would see it in time. */
export const OFFER_MIN_MS = 5 * MINUTE_MS;

/** Nobody has to answer in the night. */
const NIGHT = { fromHour: 21, toHour: 8 } as const;

/**
 * Until when a time is kept for somebody: so many minutes, of the morning where it is night for them now and the visit
 * is after that; never beyond its start.
 */
export const offerExpiry = (options: {
  readonly now: Date;
  readonly startsAt: Date;
  readonly minutes: number;
  /** The patient's. */
  readonly timeZone: string;
}): Date => {
  const { now, startsAt, minutes } = options;
  const local = DateTime.fromJSDate(now, { zone: options.timeZone });
  const isNight = local.hour >= NIGHT.fromHour || local.hour < NIGHT.toHour;
  const morning = local
    .plus({ days: local.hour >= NIGHT.fromHour ? 1 : 0 })
    .set({ hour: NIGHT.toHour, minute: 0, second: 0, millisecond: 0 });
  const atOnce = now.getTime() + minutes * MINUTE_MS;
  const inTheMorning = morning.toMillis() + minutes * MINUTE_MS;
  const expiresAt = isNight && inTheMorning <= startsAt.getTime() ? inTheMorning : atOnce;
  return new Date(Math.min(expiresAt, startsAt.getTime()));
};

/** A place in line as its row has it. */
export interface EntryState {
  readonly status: WaitlistStatus;
  readonly latestAt: Date;
  /** Until when its offer stands, where it has one. */
  readonly offerExpiresAt: Date | null;
  /** Offers that nobody answered, apart from that one. */
  readonly lapses: number;
}

/** What is true of a place in line at `now`, whether or not anything has run since. */
export const statusAt = (entry: EntryState, now: Date): WaitlistStatus => {
  const isLive = entry.offerExpiresAt !== null && entry.offerExpiresAt > now;
  if (entry.status !== 'waiting' && entry.status !== 'offered') return entry.status;
  if (entry.status === 'offered' && isLive) return 'offered';
  const lapses = entry.lapses + (entry.status === 'offered' ? 1 : 0);
  return lapses >= LAPSES_MAX || entry.latestAt <= now ? 'lapsed' : 'waiting';
};
