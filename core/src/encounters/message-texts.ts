import type { ChatMessage, EncounterId, MessageId, PersonId, VisitRole } from '@bedside/protocol';
import type { Db } from '../db/database.ts';
import type { Place } from '../phi/envelope.ts';
import { openEvenIfAway, type Unreadable } from '../phi/opened-text.ts';
import { type Owner, personOwner, visitOwner } from '../phi/owner.ts';
import type { Opened, Phi } from '../phi/phi.ts';
import type { Visit } from './visit-store.ts';

/** A visit as far as the keys of its thread go. */
export type ThreadVisit = Pick<Visit, 'organizationId' | 'patientId' | 'encounterId'>;

/**
 * Whose key seals a message: the patient's. What a patient of a group session writes is their own; what others tell the
 * whole group is the visit's.
 */
export const messageOwner = (visit: ThreadVisit, sender: { readonly id: PersonId; readonly role: VisitRole }): Owner =>
  visit.patientId === null && sender.role === 'patient'
    ? personOwner(visit.organizationId, sender.id)
    : visitOwner(visit);

export const messagePlace = (message: { readonly id: MessageId; readonly encounterId: EncounterId }): Place => ({
  table: 'messages',
  column: 'text',
  row: `${message.encounterId}/${message.id}`,
});

/** A row of `messages` with its sender's role in the visit. */
export interface MessageRow {
  readonly id: MessageId;
  readonly encounterId: EncounterId;
  readonly seq: number;
  readonly senderId: PersonId;
  readonly senderRole: VisitRole;
  readonly clientMessageId: string;
  readonly text: string | null;
  readonly sealedText: Buffer | null;
  readonly sentAt: Date;
}

/** What stands in the place of a text that cannot be shown. A page that knows nothing of `unreadable` shows it too. */
const WORDS = {
  erased: 'This message was erased.',
  altered: 'This message cannot be shown.',
  unavailable: 'This message cannot be shown right now.',
} as const satisfies Record<Unreadable, string>;

const openMessage = async (
  phi: Phi,
  db: Db,
  options: { readonly visit: ThreadVisit; readonly row: MessageRow; readonly evenIfAway: boolean },
): Promise<Opened | { readonly kind: 'unavailable' }> => {
  const { visit, row, evenIfAway } = options;
  // Not sealed yet.
  if (row.sealedText === null) return { kind: 'text', text: row.text ?? '' };
  const owner = messageOwner(visit, { id: row.senderId, role: row.senderRole });
  const what = { owner, place: messagePlace(row), sealed: row.sealedText };
  return evenIfAway ? openEvenIfAway(phi, db, what) : phi.open(db, what);
};

/**
 * Messages as they are told. One whose key was destroyed, or that somebody changed, says so in the place of its text.
 * Errors: `unavailable` while the key cannot be had, unless `evenIfAway`: then such messages say so too.
 */
export const toMessages = async (
  phi: Phi,
  db: Db,
  options: { readonly visit: ThreadVisit; readonly rows: readonly MessageRow[]; readonly evenIfAway: boolean },
): Promise<ChatMessage[]> => {
  const messages: ChatMessage[] = [];
  // One after the other: the first one of an owner brings the key for the rest.
  for (const row of options.rows) {
    const opened = await openMessage(phi, db, { ...options, row });
    const { id, encounterId, seq, senderId, clientMessageId, sentAt } = row;
    messages.push({
      id,
      encounterId,
      seq,
      senderId,
      clientMessageId,
      sentAt: sentAt.toISOString(),
      ...(opened.kind === 'text' ? { text: opened.text } : { text: WORDS[opened.kind], unreadable: opened.kind }),
    });
  }
  return messages;
};
