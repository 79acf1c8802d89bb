import { z } from 'zod';
import { busMethod } from './bus-method.ts';
import { EncounterId, GrantId, PersonId } from './ids.ts';
import { CHAT_TEXT_MAX, ChatMessage, EndReason, Instant, Presence } from './visits.ts';

/** The holder of a grant, as signaling verified it. Core judges each again: grant alive, person still of the visit. */
const holder = z.object({ grantId: GrantId, encounterId: EncounterId, personId: PersonId });
const done = z.object({});

/** Calls of signaling to core. Errors of all: `grant_revoked`, `visit_over`, `forbidden`, `unavailable`. */
export const VISIT_METHODS = {
  /** Uses up the grant, once: a second time is `grant_replayed`. */
  redeemGrant: busMethod({
    subject: 'core.visits.redeemGrant',
    params: holder,
    result: z.object({
      /** Admitted before (a page that was reloaded, a socket that was lost): no need to ask again. */
      admitted: z.boolean(),
      messages: z.array(ChatMessage).max(200),
    }),
  }),
  /** Prolongs a grant that is in use. Refused with `grant_revoked` or `visit_over` when core no longer agrees. */
  renewGrant: busMethod({
    subject: 'core.visits.renewGrant',
    params: holder,
    result: z.object({ expiresAt: Instant }),
  }),
  /** Tells where somebody is. Core keeps it for the provider's list and moves appointment and encounter along. */
  setPresence: busMethod({
    subject: 'core.visits.setPresence',
    params: holder.extend({ presence: Presence, connected: z.boolean() }),
    result: done,
  }),
  /** The messages so far, for somebody who is in the visit. Oldest first, the last 200. */
  listMessages: busMethod({
    subject: 'core.visits.listMessages',
    params: holder,
    result: z.object({ messages: z.array(ChatMessage).max(200) }),
  }),
  admit: busMethod({ subject: 'core.visits.admit', params: holder.extend({ patientId: PersonId }), result: done }),
  sendBack: busMethod({
    subject: 'core.visits.sendBack',
    params: holder.extend({ patientId: PersonId }),
    result: done,
  }),
  end: busMethod({ subject: 'core.visits.end', params: holder, result: done }),
  /** The holder left for good. When everybody who was in the visit has left, core ends it. */
  leave: busMethod({ subject: 'core.visits.leave', params: holder, result: done }),
  sendMessage: busMethod({
    subject: 'core.visits.sendMessage',
    params: holder.extend({ clientMessageId: z.uuid(), text: z.string().min(1).max(CHAT_TEXT_MAX) }),
    result: z.object({ message: ChatMessage }),
  }),
  /** A host muted somebody: written to the audit trail. */
  recordMute: busMethod({
    subject: 'core.visits.recordMute',
    params: holder.extend({ mutedId: PersonId }),
    result: done,
  }),
} as const;

/** Published by core after the transaction that it tells of, on `visit.<encounterId>.event`, in order for a visit. */
export const visitEventSubject = (encounterId: EncounterId): string => `visit.${encounterId}.event`;
export const VISIT_EVENTS_PATTERN = 'visit.*.event';

const event = z.object({ encounterId: EncounterId });
export const VisitEvent = z.discriminatedUnion('type', [
  event.extend({ type: z.literal('admitted'), personId: PersonId }),
  event.extend({ type: z.literal('sentBack'), personId: PersonId }),
  event.extend({ type: z.literal('message'), message: ChatMessage }),
  event.extend({ type: z.literal('ended'), reason: EndReason, at: Instant }),
  event.extend({ type: z.literal('grantRevoked'), grantId: GrantId }),
]);
export type VisitEvent = z.infer<typeof VisitEvent>;
