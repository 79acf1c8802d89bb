import { randomUUID } from 'node:crypto';
import { AppError, type ChatMessage, type EncounterId, MessageId, type PersonId } from '@bedside/protocol';
import { sql } from 'kysely';
import { actorOf, type Caller } from '../caller.ts';
import { announce, type CoreContext, nowOf } from '../context.ts';
import type { Db } from '../db/database.ts';
import { permissionsOf } from '../grants/permissions.ts';
import type { Phi } from '../phi/phi.ts';
import { isOver } from './encounter-model.ts';
import { messageOwner, messagePlace, type ThreadVisit, toMessages } from './message-texts.ts';
import { auditVisit } from './visit-audit.ts';
import type { Identify, VisitDesk } from './visit-desk.ts';
import { type Member, memberOf, type Visit } from './visit-store.ts';
import { sightOf } from './visit-viewer.ts';

/** A thread is told from its end; older messages stay in the record. */
const THREAD_LIMIT = 200;

const selectMessages = (db: Db, encounterId: EncounterId) =>
  db
    .selectFrom('messages')
    .innerJoin('presences', (join) =>
      join
        .onRef('presences.encounterId', '=', 'messages.encounterId')
        .onRef('presences.personId', '=', 'messages.senderId'),
    )
    .select([
      'messages.id',
      'messages.encounterId',
      'messages.seq',
      'messages.senderId',
      'presences.role as senderRole',
      'messages.clientMessageId',
      'messages.text',
      'messages.sealedText',
      'messages.sentAt',
    ])
    .where('messages.encounterId', '=', encounterId);

/**
 * The last 200 messages of a thread, oldest first. Errors: `unavailable` while they cannot be opened, unless
 * `evenIfAway`: then they say so themselves, and nobody is kept from a visit by its thread.
 */
export const lastMessages = async (
  phi: Phi,
  db: Db,
  options: {
    readonly visit: ThreadVisit;
    readonly evenIfAway: boolean;
    /** Of the patients' words theirs alone; absent: everybody's. */
    readonly ofPatients?: readonly PersonId[];
  },
): Promise<ChatMessage[]> => {
  const { ofPatients } = options;
  const rows = await selectMessages(db, options.visit.encounterId)
    .$if(ofPatients !== undefined, (query) =>
      query.where(sql<boolean>`(presences.role <> 'patient' OR presences.person_id = ANY (${ofPatients}::uuid[]))`),
    )
    .orderBy('messages.seq', 'desc')
    .limit(THREAD_LIMIT)
    .execute();
  return toMessages(phi, db, { ...options, rows: rows.reverse() });
};

/** Who waits sees no thread (SPEC WAIT2); who was in the visit still does when it is over. */
export const mayReadThread = (visit: Visit, member: Member): boolean =>
  permissionsOf(member.role).chat &&
  (permissionsOf(member.role).enter ||
    member.admittedAt !== null ||
    (isOver(visit.status) && member.enteredAt !== null));

export class Messages {
  readonly #context: CoreContext;
  readonly #desk: VisitDesk;

  constructor(context: CoreContext, desk: VisitDesk) {
    this.#context = context;
    this.#desk = desk;
  }

  /**
   * Stores a message and announces it. The same `clientMessageId` of the same sender again answers with what is stored
   * and announces nothing (SPEC CHAT2). Errors: `visit_over`, `not_in_visit`, `forbidden`, `unavailable` (it cannot be
   * sealed now, and nothing is kept in the clear).
   */
  send(
    by: Caller | Identify,
    encounterId: EncounterId,
    message: { readonly clientMessageId: string; readonly text: string },
  ): Promise<ChatMessage> {
    const { phi } = this.#context;
    return this.#desk.write({ encounterId, action: 'encounter.chat', by }, async ({ tx, visit, caller, now }) => {
      const member = memberOf(visit, caller.who.personId);
      if (member === undefined) throw new AppError('forbidden');
      const earlier = await selectMessages(tx.db, encounterId)
        .where('messages.senderId', '=', member.personId)
        .where('messages.clientMessageId', '=', message.clientMessageId)
        .execute();
      const [known] = await toMessages(phi, tx.db, { visit, rows: earlier, evenIfAway: false });
      if (known !== undefined) return known;
      if (isOver(visit.status)) throw new AppError('visit_over');
      if (!mayReadThread(visit, member)) throw new AppError('not_in_visit');

      const stored = {
        id: MessageId.parse(randomUUID()),
        encounterId,
        seq: visit.lastMessageSeq + 1,
        senderId: member.personId,
        clientMessageId: message.clientMessageId,
      };
      const owner = messageOwner(visit, { id: member.personId, role: member.role });
      const sealedText = await phi.seal(tx.db, owner, messagePlace(stored), message.text);
      await tx.db.updateTable('encounters').set({ lastMessageSeq: stored.seq }).where('id', '=', encounterId).execute();
      await tx.db
        .insertInto('messages')
        .values({ ...stored, organizationId: visit.organizationId, sealedText, sentAt: now })
        .execute();
      await auditVisit(tx.db, visit, {
        at: now,
        actor: actorOf(caller, member.role),
        action: 'message.send',
        resource: { type: 'message', id: stored.id },
        concerned: member.personId,
      });
      const view = { ...stored, text: message.text, sentAt: now.toISOString() };
      announce(this.#context, tx, { type: 'message', encounterId, message: view });
      tx.onCommit(() => this.#context.events.messageStored());
      return view;
    });
  }

  /** The thread, for somebody of the visit. Errors: `not_in_visit`, `not_found`, `unavailable`. */
  async list(caller: Caller, encounterId: EncounterId): Promise<ChatMessage[]> {
    const visit = await this.#desk.read(caller, 'encounter.messages', encounterId);
    const member = memberOf(visit, caller.who.personId);
    // Whoever reads by a relationship reads the record, which they may whether or not they were ever in the room.
    const isReader = member === undefined && visit.relations !== undefined && visit.relations.length > 0;
    if (!isReader && (member === undefined || !mayReadThread(visit, member))) throw new AppError('not_in_visit');
    const { db } = this.#context.database.as(caller);
    const at = nowOf(this.#context);
    const { actedFor } = await sightOf(db, visit, { caller, at, by: ['proxy-read'] });
    const messages = await lastMessages(this.#context.phi, db, {
      visit,
      evenIfAway: false,
      ...(actedFor && visit.patientId === null && { ofPatients: actedFor }),
    });
    await auditVisit(db, visit, {
      at,
      actor: actorOf(caller, member?.role),
      action: 'encounter.messages',
      resource: { type: 'encounter', id: encounterId },
      concerned: [caller.who.personId, ...(actedFor ?? [])],
    });
    return messages;
  }
}
