import { AppError, type EncounterId, type EndReason, type PersonId } from '@bedside/protocol';
import { actorOf, type Caller } from '../caller.ts';
import { announce, announceDayChange, type CoreContext } from '../context.ts';
import { audit } from '../audit/audit.ts';
import type { Db, Tx } from '../db/database.ts';
import { isOver } from './encounter-model.ts';
import { begin } from './presence.ts';
import { afterPresenceEvent } from './presence-model.ts';
import type { VisitDesk } from './visit-desk.ts';
import { type Member, memberOf, moveAppointment, moveEncounter, updateMember, type Visit } from './visit-store.ts';

/** Who asks, found out inside the transaction: the holder of a grant, or a session's person. */
export type Identify = (db: Db, now: Date) => Promise<Caller>;

const guestOf = (visit: Visit, personId: PersonId): Member => {
  const member = memberOf(visit, personId);
  if (member === undefined || member.personId === visit.providerId) throw new AppError('participant_unknown');
  return member;
};

/**
 * Ends a visit: encounter, appointment, presence, audit row, announcement. Answers false where it was over already; it
 * is announced again then, since whoever asks may have missed it.
 */
export const endVisit = async (
  context: CoreContext,
  act: { readonly tx: Tx; readonly visit: Visit; readonly caller: Caller; readonly now: Date; readonly reason: EndReason },
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
    await audit(tx.db, {
      at: now,
      actor: actorOf(caller, memberOf(visit, caller.who.personId)?.role),
      action: 'encounter.end',
      resource: { type: 'encounter', id: visit.encounterId },
      patientId: visit.patientId,
      encounterId: visit.encounterId,
      reason,
    });
    announceDayChange(context, tx, visit.providerId);
    tx.onCommit(() => context.events.visitEnded({ encounterId: visit.encounterId, reason }));
  } else if (!isOver(visit.status)) {
    throw new AppError('transition_refused');
  }
  announce(context, tx, {
    type: 'ended',
    encounterId: visit.encounterId,
    reason: visit.endReason ?? reason,
    at: (visit.endedAt ?? now).toISOString(),
  });
  return ended;
};

/** Hosts' decisions. Each can be repeated: the second time changes nothing and announces again. */
export class Decisions {
  readonly #context: CoreContext;
  readonly #desk: VisitDesk;

  constructor(context: CoreContext, desk: VisitDesk) {
    this.#context = context;
    this.#desk = desk;
  }

  /** Errors: `visit_over`, `participant_unknown` (nobody of that id here), `forbidden`, `not_found`. */
  admit(identify: Identify, encounterId: EncounterId, personId: PersonId): Promise<void> {
    return this.#desk.write({ encounterId, action: 'encounter.admit', identify }, async ({ tx, visit, caller, now }) => {
      if (isOver(visit.status)) throw new AppError('visit_over');
      const guest = guestOf(visit, personId);
      if (guest.admittedAt === null) {
        if (guest.presence === 'absent') throw new AppError('participant_unknown');
        // Whoever still checks their camera is let in when they are ready; presence is theirs to move.
        const enters = guest.presence === 'ready';
        await updateMember(tx.db, visit, personId, {
          admittedAt: now,
          ...(enters ? { presence: 'admitted' as const, since: now, enteredAt: guest.enteredAt ?? now } : {}),
        });
        if (enters && personId === visit.patientId) {
          const appointmentStatus = await moveAppointment(tx.db, visit, 'admit', now);
          const members = visit.members.map((member) => (member.personId === personId ? { ...member, presence: 'admitted' as const } : member));
          await begin(this.#context, { tx, visit: { ...visit, appointmentStatus, members }, now });
        }
        await this.#audit({ tx, visit, caller, now, action: 'encounter.admit', personId });
        announceDayChange(this.#context, tx, visit.providerId);
        tx.onCommit(() => this.#context.events.admitted({ encounterId }));
      }
      announce(this.#context, tx, { type: 'admitted', encounterId, personId });
    });
  }

  /** Errors as of `admit`. Somebody who was not let in stays where they are. */
  sendBack(identify: Identify, encounterId: EncounterId, personId: PersonId): Promise<void> {
    return this.#desk.write({ encounterId, action: 'encounter.sendBack', identify }, async ({ tx, visit, caller, now }) => {
      if (isOver(visit.status)) throw new AppError('visit_over');
      const guest = guestOf(visit, personId);
      if (guest.admittedAt !== null) {
        const presence = guest.presence === 'admitted' ? afterPresenceEvent(guest.presence, 'sendBack') : undefined;
        await updateMember(tx.db, visit, personId, { admittedAt: null, ...(presence === undefined ? {} : { presence, since: now }) });
        if (personId === visit.patientId) await moveAppointment(tx.db, visit, 'sendBack', now);
        await this.#audit({ tx, visit, caller, now, action: 'encounter.sendBack', personId });
        announceDayChange(this.#context, tx, visit.providerId);
        tx.onCommit(() => this.#context.events.sentBack({ encounterId }));
      }
      announce(this.#context, tx, { type: 'sentBack', encounterId, personId });
    });
  }

  end(identify: Identify, encounterId: EncounterId): Promise<void> {
    return this.#desk.write({ encounterId, action: 'encounter.end', identify }, async (act) => {
      await endVisit(this.#context, { ...act, reason: 'ended-by-host' });
    });
  }

  /** A host muted somebody: the trail tells who muted whom. */
  recordMute(identify: Identify, encounterId: EncounterId, personId: PersonId): Promise<void> {
    return this.#desk.write({ encounterId, action: 'encounter.mute', identify }, async ({ tx, visit, caller, now }) => {
      if (isOver(visit.status)) throw new AppError('visit_over');
      guestOf(visit, personId);
      await this.#audit({ tx, visit, caller, now, action: 'encounter.mute', personId });
    });
  }

  #audit(act: { tx: Tx; visit: Visit; caller: Caller; now: Date; action: string; personId: PersonId }): Promise<void> {
    return audit(act.tx.db, {
      at: act.now,
      actor: actorOf(act.caller, memberOf(act.visit, act.caller.who.personId)?.role),
      action: act.action,
      resource: { type: 'person', id: act.personId },
      patientId: act.visit.patientId,
      encounterId: act.visit.encounterId,
    });
  }
}
