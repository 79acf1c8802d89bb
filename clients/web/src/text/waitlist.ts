import type { Hold, WaitlistEntry } from '@bedside/protocol';
import { dayName } from './time.ts';

type Line = Pick<WaitlistEntry, 'visitType' | 'provider' | 'specialty' | 'earliestAt' | 'latestAt'>;

/** "Video visit with Dr. Amara Okafor, today to Thursday, November 26." */
export const waitlistWords = (entry: Line, nowMs: number, timeZone: string): string => {
  const whom = entry.provider?.displayName ?? entry.specialty?.toLowerCase();
  // The window ends where its last day does.
  const last = new Date(Date.parse(entry.latestAt) - 1).toISOString();
  const [from, to] = [entry.earliestAt, last].map((instant) =>
    dayName(instant, nowMs, timeZone).replace(/^(Today|Tomorrow|Yesterday)$/, (day) => day.toLowerCase()),
  );
  const days = from === to ? from : `${from} to ${to}`;
  return `${entry.visitType.name}${whom ? ` with ${whom}` : ''}, ${days}.`;
};

/** With an offer that can still be taken. */
export type Offered = WaitlistEntry & { offer: NonNullable<WaitlistEntry['offer']> };

export const isOffered = (entry: WaitlistEntry, nowMs: number): entry is Offered =>
  entry.offer !== undefined && Date.parse(entry.offer.expiresAt) > nowMs;

/** Those with a live offer, the one that lapses first at the top. */
export const liveOffers = (entries: readonly WaitlistEntry[], nowMs: number): Offered[] =>
  entries
    .filter((entry) => isOffered(entry, nowMs))
    .sort((a, b) => Date.parse(a.offer.expiresAt) - Date.parse(b.offer.expiresAt));

/** Those that are in line without an offer, the longest waiting first. */
export const stillWaiting = (entries: readonly WaitlistEntry[], nowMs: number): WaitlistEntry[] =>
  entries
    .filter((entry) => entry.status === 'waiting' || entry.status === 'offered')
    .filter((entry) => !isOffered(entry, nowMs) && Date.parse(entry.latestAt) > nowMs)
    .sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));

/** Holds that somebody made themselves: what is offered from the waitlist is held too, and has a page of its own. */
export const madeBySelf = (holds: readonly Hold[], entries: readonly WaitlistEntry[]): Hold[] =>
  holds.filter(
    ({ provider, startsAt }) =>
      !entries.some(({ offer }) => offer?.provider.id === provider.id && offer.startsAt === startsAt),
  );
