import { AppError, type EndReason } from '@bedside/protocol';
import { systemActor } from '../audit/audit.ts';
import { actorOf, type Caller } from '../caller.ts';
import { announce, announceDayChange, type CoreContext } from '../context.ts';
import type { Tx } from '../db/database.ts';
import { isOver } from './encounter-model.ts';
import { auditVisit } from './visit-audit.ts';
import { type Member, memberOf, moveAppointment, moveEncounter, type Visit } from './visit-store.ts';

/** The visit begins when a patient and the provider are in it at once. `visit` holds their presence as it is after the act. */
export const begin = async (
  context: CoreContext,
  act: { readonly tx: Tx; readonly visit: Visit; readonly now: Date },
): Promise<void> => {
  const { tx, visit, now } = act;
  const isIn = (member: Member | undefined) => member?.presence === 'admitted';
  const patientIsIn = visit.members.some((member) => member.role === 'patient' && isIn(member));
  if (!patientIsIn || !isIn(memberOf(visit, visit.providerId))) return;
  await moveAppointment(tx.db, visit, 'begin', now);
  if (await moveEncounter(tx.db, visit, 'begin', { now })) {
    tx.onCommit(() => context.events.visitBegan({ encounterId: visit.encounterId }));
  }
};

/**
 * Ends a visit: encounter, appointment, presence, audit row, announcement. Answers false where it was over already; it
 * is announced again then, since whoever asks may have missed it.
 */
export const endVisit = async (
  context: CoreContext,
  act: {
    readonly tx: Tx;
    readonly visit: Visit;
    /** Undefined: nobody ended it, it was found left. */
    readonly caller: Caller | undefined;
    readonly now: Date;
    readonly reason: EndReason;
  },
): Promise<boolean> => {
  const { tx, visit, caller, now, reason } = act;
  const ended = await moveEncounter(tx.db, visit, reason === 'cancelled' ? 'cancel' : 'finish', { now, reason });
  if (ended) {
    if (reason !== 'cancelled') await moveAppointment(tx.db, visit, 'end', now);
    await tx.db
      .updateTable('presences')
      .set({ presence: 'absent', connected: false, since: now })
      .where('encounterId', '=', visit.encounterId)
      .where('presence', '<>', 'absent')
      .execute();
    await auditVisit(tx.db, visit, {
      at: now,
      actor:
        caller === undefined
          ? systemActor(visit.organizationId)
          : actorOf(caller, memberOf(visit, caller.who.personId)?.role),
      action: 'encounter.end',
      resource: { type: 'encounter', id: visit.encounterId },
      reason,
    });
    announceDayChange(context, tx, visit.providerId);
    tx.onCommit(() => context.events.visitEnded({ encounterId: visit.encounterId, reason }));
  } else if (!isOver(visit.status)) {
    throw new AppError('transition_refused');
  }
  await context.relay.revokeOfVisit(tx, visit.encounterId, now);
  announce(context, tx, {
    type: 'ended',
    encounterId: visit.encounterId,
    reason: visit.endReason ?? reason,
    at: (visit.endedAt ?? now).toISOString(),
  });
  return ended;
};
