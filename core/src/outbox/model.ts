import type { OrganizationId } from '@bedside/protocol';
import { backoffMs } from '@bedside/protocol';

/**
 * What happened, by its topic; `resourceId` is an appointment's, an offer's, an emergency access's or a correction
 * request's.
 * `organization.changed`: something that concerns every provider of the organization `resourceId`, so that their days
 * have to be laid out anew. `provider.opened`: the span of time `resourceId` opened.
 */
export const OUTBOX_TOPICS = [
  'organization.changed',
  'emergency.opened',
  'correction.extended',
  'correction.answered',
  'correction.rebutted',
  'provider.opened',
  'appointment.booked',
  'appointment.cancelled',
  'appointment.rescheduled',
  'waitlist.offered',
  'waitlist.offer-closed',
] as const;
export type OutboxTopic = (typeof OUTBOX_TOPICS)[number];

export interface OutboxEvent {
  readonly id: string;
  readonly organizationId: OrganizationId;
  readonly topic: string;
  readonly resourceId: string;
  /** Tries so far, this one among them. */
  readonly attempts: number;
}

/**
 * Deals with events of one topic. They may come again and in another order than they happened in, so a handler looks at
 * how things are and not at what the event says they were.
 */
export type OutboxHandler = (events: readonly OutboxEvent[]) => Promise<void>;
export type OutboxHandlers = Readonly<Record<OutboxTopic, readonly OutboxHandler[]>>;

/** After so many tries an event is put aside; somebody has to look. With the waits below that is more than an hour. */
export const MAX_ATTEMPTS = 12;
/** Whoever took events and died has them taken from them after this. */
export const LEASE_MS = 60_000;

export const retryDelayMs = (attempts: number, random: () => number): number =>
  backoffMs({ attempt: attempts - 1, baseMs: 1_000, maxMs: 15 * 60_000, random });
