import { z } from 'zod';
import { VisitRole } from './grants.ts';
import { EncounterId, MessageId, PersonId } from './ids.ts';

/** An instant: RFC 3339 in UTC with milliseconds. */
export const Instant = z.iso.datetime({ precision: 3 });
export type Instant = z.infer<typeof Instant>;

/**
 * Presence in a visit. `absent → device-check → ready → admitted`; sent back: `admitted → ready`; gone: `→ absent`.
 * A lost connection is not a state of its own: see `connected`.
 */
export const Presence = z.enum(['absent', 'device-check', 'ready', 'admitted']);
export type Presence = z.infer<typeof Presence>;

export const CHAT_TEXT_MAX = 4000;

/** A stored chat message. `seq` rises by one within an encounter and is the order of the thread. */
export const ChatMessage = z.object({
  id: MessageId,
  encounterId: EncounterId,
  seq: z.number().int().min(1),
  senderId: PersonId,
  /** Chosen by the sender; sending the same one again stores nothing new. */
  clientMessageId: z.uuid(),
  text: z.string().min(1).max(CHAT_TEXT_MAX),
  /** Why `text` is not what was written, but a sentence of the server's own: a page that does not know it shows that. */
  unreadable: z.enum(['erased', 'altered', 'unavailable']).optional(),
  sentAt: Instant,
});
export type ChatMessage = z.infer<typeof ChatMessage>;

export const Participant = z.object({
  personId: PersonId,
  role: VisitRole,
  presence: Presence,
  /** False while the connection is lost and the session can still be resumed. */
  connected: z.boolean(),
  /** When `presence` last changed. */
  since: Instant,
});
export type Participant = z.infer<typeof Participant>;

/** What one participant may know of the room. Somebody who waits sees of others only whether a host is there. */
export const RoomView = z.object({
  encounterId: EncounterId,
  you: Participant,
  /** Those the viewer may see, the viewer not among them, by arrival. */
  others: z.array(Participant).max(64),
  hostPresent: z.boolean(),
});
export type RoomView = z.infer<typeof RoomView>;

export const EndReason = z.enum(['ended-by-host', 'everybody-left', 'cancelled']);
export type EndReason = z.infer<typeof EndReason>;
