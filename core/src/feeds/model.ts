import type { AppointmentStatus, CalendarFeed } from '@bedside/protocol';

export type FeedView = CalendarFeed['view'];

/** Live feeds of one person. */
export const FEEDS_MAX = 10;

const DAY_MS = 24 * 60 * 60_000;
/** What a feed tells of: calendars keep the past for a while, and nobody books further ahead. */
export const feedRange = (now: Date): { readonly from: Date; readonly to: Date } => ({
  from: new Date(now.getTime() - 30 * DAY_MS),
  to: new Date(now.getTime() + 180 * DAY_MS),
});
/** Visits in one answer, the earliest first: some 30 a day. */
export const FEED_EVENTS_MAX = 5_000;

/** Shown as cancelled rather than left out: a calendar that has the visit takes it away only when it is told so. */
export const isCancelledInFeed = (status: AppointmentStatus): boolean =>
  status === 'cancelled' || status === 'rescheduled' || status === 'entered-in-error';
