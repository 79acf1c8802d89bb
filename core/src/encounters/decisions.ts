import { AppError, type EncounterId, type PersonId } from '@bedside/protocol';
import { AccessDenied, actorOf, type Caller } from '../caller.ts';
import { announce, announceDayChange, type CoreContext } from '../context.ts';
import type { Tx } from '../db/database.ts';
import { refusalOfAdmission } from './admission.ts';
import { isOver } from './encounter-model.ts';
import { afterPresenceEvent } from './presence-model.ts';
import { auditVisit } from './visit-audit.ts';
import { begin, endVisit } from './visit-course.ts';
import type { Identify, VisitDesk } from './visit-desk.ts';
import { isPatientOf, type Member, memberOf, moveAppointment, updateMember, type Visit } from './visit-store.ts';

const guestOf = (visit: Visit, personId: PersonId): Member => {
  const member = memberOf(visit, personId);
  if (member === undefined || member.personId === visit.providerId) throw new AppError('participant_unknown');
  return member;
};

/** Whether another patient of a group session is in the visit: it goes on without the one who is sent back. */
const othersAreIn = (visit: Visit, personId: PersonId): boolean =>
  visit.members.some(
    (member) => member.role === 'patient' && member.personId !== personId && member.presence === 'admitted',
  );

/** Hosts' decisions. Each can be repeated: the second time changes nothing and announces again. */
export class Decisions {
  readonly #context: CoreContext;
  readonly #desk: VisitDesk;

  constructor(context: CoreContext, desk: VisitDesk) {
    this.#context = context;
    this.#desk = desk;
  }

  /**
   * Errors: `visit_over`, `participant_unknown` (nobody of that id here), `forbidden`, `not_found`, `not_licensed`,
   * `region_required`.
   */
  admit(by: Caller | Identify, encounterId: EncounterId, personId: PersonId): Promise<void> {
    return this.#desk.write({ encounterId, action: 'encounter.admit', by }, async ({ tx, visit, caller, now }) => {
      if (isOver(visit.status)) throw new AppError('visit_over');
      const guest = guestOf(visit, personId);
      if (guest.admittedAt === null) {
        if (guest.presence === 'absent') throw new AppError('participant_unknown');
        if (guest.role === 'patient') await this.#requireLicense({ tx, visit, caller, now, personId });
        // Whoever still checks their camera is let in when they are ready; presence is theirs to move.
        const enters = guest.presence === 'ready';
        await updateMember(tx.db, visit, personId, {
          admittedAt: now,
          ...(enters ? { presence: 'admitted' as const, since: now, enteredAt: guest.enteredAt ?? now } : {}),
        });
        if (enters && isPatientOf(visit, personId)) {
          const appointmentStatus = await moveAppointment(tx.db, visit, 'admit', now);
          const members = visit.members.map((member) =>
            member.personId === personId ? { ...member, presence: 'admitted' as const } : member,
          );
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
  sendBack(by: Caller | Identify, encounterId: EncounterId, personId: PersonId): Promise<void> {
    return this.#desk.write({ encounterId, action: 'encounter.sendBack', by }, async ({ tx, visit, caller, now }) => {
      if (isOver(visit.status)) throw new AppError('visit_over');
      const guest = guestOf(visit, personId);
      if (guest.admittedAt !== null) {
        const presence = guest.presence === 'admitted' ? afterPresenceEvent(guest.presence, 'sendBack') : undefined;
        await updateMember(tx.db, visit, personId, {
          admittedAt: null,
          ...(presence === undefined ? {} : { presence, since: now }),
        });
        if (isPatientOf(visit, personId) && !othersAreIn(visit, personId))
          await moveAppointment(tx.db, visit, 'sendBack', now);
        await this.#audit({ tx, visit, caller, now, action: 'encounter.sendBack', personId });
        announceDayChange(this.#context, tx, visit.providerId);
        tx.onCommit(() => this.#context.events.sentBack({ encounterId }));
      }
      announce(this.#context, tx, { type: 'sentBack', encounterId, personId });
    });
  }

  end(by: Caller | Identify, encounterId: EncounterId): Promise<void> {
    return this.#desk.write({ encounterId, action: 'encounter.end', by }, async (act) => {
      await endVisit(this.#context, { ...act, reason: 'ended-by-host' });
    });
  }

  /** A host muted somebody: the trail tells who muted whom. */
  recordMute(by: Caller | Identify, encounterId: EncounterId, personId: PersonId): Promise<void> {
    return this.#desk.write({ encounterId, action: 'encounter.mute', by }, async ({ tx, visit, caller, now }) => {
      if (isOver(visit.status)) throw new AppError('visit_over');
      guestOf(visit, personId);
      await this.#audit({ tx, visit, caller, now, action: 'encounter.mute', personId });
    });
  }

  async #requireLicense(act: { tx: Tx; visit: Visit; caller: Caller; now: Date; personId: PersonId }): Promise<void> {
    const { visit, caller, personId } = act;
    const refusal = await refusalOfAdmission(act.tx.db, visit, personId);
    if (refusal === undefined) return;
    throw new AccessDenied({
      code: refusal,
      at: act.now,
      caller,
      action: 'encounter.admit',
      reason: 'not-licensed',
      resource: { type: 'person', id: personId },
      encounterId: visit.encounterId,
      patientId: personId,
    });
  }

  #audit(act: { tx: Tx; visit: Visit; caller: Caller; now: Date; action: string; personId: PersonId }): Promise<void> {
    return auditVisit(act.tx.db, act.visit, {
      at: act.now,
      actor: actorOf(act.caller, memberOf(act.visit, act.caller.who.personId)?.role),
      action: act.action,
      resource: { type: 'person', id: act.personId },
      concerned: act.personId,
    });
  }
}
