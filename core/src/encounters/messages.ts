import { AppError, type ChatMessage, type EncounterId } from '@bedside/protocol';
import { actorOf, type Caller } from '../caller.ts';
import { announce, type CoreContext, nowOf } from '../context.ts';
import type { Db } from '../db/database.ts';
import { permissionsOf } from '../grants/permissions.ts';
import { isOver } from './encounter-model.ts';
import { auditVisit } from './visit-audit.ts';
import type { Identify, VisitDesk } from './visit-desk.ts';
import { type Member, memberOf, type Visit } from './visit-store.ts';

/** A thread is told from its end; older messages stay in the record. */
const THREAD_LIMIT = 200;

const COLUMNS = ['id', 'encounterId', 'seq', 'senderId', 'clientMessageId', 'text', 'sentAt'] as const;

const toMessage = (row: Omit<ChatMessage, 'sentAt'> & { readonly sentAt: Date }): ChatMessage => ({
  ...row,
  sentAt: row.sentAt.toISOString(),
});

/** The last 200 messages of a thread, oldest first. */
export const lastMessages = async (db: Db, encounterId: EncounterId): Promise<ChatMessage[]> => {
  const rows = await db
    .selectFrom('messages')
    .select(COLUMNS)
    .where('encounterId', '=', encounterId)
    .orderBy('seq', 'desc')
    .limit(THREAD_LIMIT)
    .execute();
  return rows.reverse().map(toMessage);
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
   * and announces nothing (SPEC CHAT2). Errors: `visit_over`, `not_in_visit`, `forbidden`.
   */
  send(
    by: Caller | Identify,
    encounterId: EncounterId,
    message: { readonly clientMessageId: string; readonly text: string },
  ): Promise<ChatMessage> {
    return this.#desk.write({ encounterId, action: 'encounter.chat', by }, async ({ tx, visit, caller, now }) => {
      const member = memberOf(visit, caller.who.personId);
      if (member === undefined) throw new AppError('forbidden');
      const earlier = await tx.db
        .selectFrom('messages')
        .select(COLUMNS)
        .where('encounterId', '=', encounterId)
        .where('senderId', '=', member.personId)
        .where('clientMessageId', '=', message.clientMessageId)
        .executeTakeFirst();
      if (earlier !== undefined) return toMessage(earlier);
      if (isOver(visit.status)) throw new AppError('visit_over');
      if (!mayReadThread(visit, member)) throw new AppError('not_in_visit');

      const seq = visit.lastMessageSeq + 1;
      await tx.db.updateTable('encounters').set({ lastMessageSeq: seq }).where('id', '=', encounterId).execute();
      const stored = await tx.db
        .insertInto('messages')
        .values({
          organizationId: visit.organizationId,
          encounterId,
          seq,
          senderId: member.personId,
          clientMessageId: message.clientMessageId,
          text: message.text,
          sentAt: now,
        })
        .returning(COLUMNS)
        .executeTakeFirstOrThrow();
      await auditVisit(tx.db, visit, {
        at: now,
        actor: actorOf(caller, member.role),
        action: 'message.send',
        resource: { type: 'message', id: stored.id },
        concerned: member.personId,
      });
      const view = toMessage(stored);
      announce(this.#context, tx, { type: 'message', encounterId, message: view });
      tx.onCommit(() => this.#context.events.messageStored());
      return view;
    });
  }

  /** The thread, for somebody of the visit. Errors: `not_in_visit`, `not_found`. */
  async list(caller: Caller, encounterId: EncounterId): Promise<ChatMessage[]> {
    const visit = await this.#desk.read(caller, 'encounter.messages', encounterId);
    const member = memberOf(visit, caller.who.personId);
    // Whoever reads by a relationship reads the record, which they may whether or not they were ever in the room.
    const isReader = member === undefined && visit.relations !== undefined && visit.relations.length > 0;
    if (!isReader && (member === undefined || !mayReadThread(visit, member))) throw new AppError('not_in_visit');
    const messages = await lastMessages(this.#context.database.as(caller).db, encounterId);
    await auditVisit(this.#context.database.as(caller).db, visit, {
      at: nowOf(this.#context),
      actor: actorOf(caller, member?.role),
      action: 'encounter.messages',
      resource: { type: 'encounter', id: encounterId },
      concerned: caller.who.personId,
    });
    return messages;
  }
}
