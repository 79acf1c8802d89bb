import { AppError, type EncounterId, type Presence } from '@bedside/protocol';
import { actorOf } from '../caller.ts';
import { announceDayChange, type CoreContext } from '../context.ts';
import type { Tx } from '../db/database.ts';
import { permissionsOf } from '../grants/permissions.ts';
import { isOver } from './encounter-model.ts';
import { afterPresenceEvent, appointmentEventOf, everybodyLeft, presenceEvent } from './presence-model.ts';
import { auditVisit } from './visit-audit.ts';
import { begin, endVisit } from './visit-course.ts';
import type { Identify, VisitDesk } from './visit-desk.ts';
import { type Member, memberOf, moveAppointment, updateMember, type Visit } from './visit-store.ts';

const changeTo = (member: Member, presence: Presence, connected: boolean, now: Date): Partial<Member> => ({
  presence,
  connected: connected && presence !== 'absent',
  seenAt: now,
  ...(presence === member.presence ? {} : { since: now }),
  ...(presence === 'admitted' ? { enteredAt: member.enteredAt ?? now } : {}),
  // Who comes back has not left.
  ...(presence === 'absent' ? {} : { leftAt: null }),
});

const nextPresence = (visit: Visit, member: Member, told: Presence): Presence => {
  if (isOver(visit.status)) throw new AppError('visit_over');
  if (told === 'admitted' && member.admittedAt === null && !permissionsOf(member.role).enter)
    throw new AppError('forbidden');
  const presence = afterPresenceEvent(member.presence, presenceEvent(told));
  if (presence === undefined) throw new AppError('transition_refused');
  return presence;
};

/** Where people are, as signaling tells it. */
export class PresenceDesk {
  readonly #context: CoreContext;
  readonly #desk: VisitDesk;

  constructor(context: CoreContext, desk: VisitDesk) {
    this.#context = context;
    this.#desk = desk;
  }

  /** Errors: `visit_over`, `forbidden` (in the visit without having been let in, SPEC WAIT1). */
  set(
    by: Identify,
    encounterId: EncounterId,
    told: { readonly presence: Presence; readonly connected: boolean },
  ): Promise<void> {
    return this.#desk.write({ encounterId, action: 'encounter.read', by }, async ({ tx, visit, caller, now }) => {
      const member = memberOf(visit, caller.who.personId);
      if (member === undefined) throw new AppError('forbidden');
      // After the end signaling tells that people are gone; they are already.
      if (isOver(visit.status) && told.presence === 'absent') return;
      const presence = nextPresence(visit, member, told.presence);
      const change = changeTo(member, presence, told.connected, now);
      await updateMember(tx.db, visit, member.personId, change);
      if (presence !== member.presence || change.connected !== member.connected)
        announceDayChange(this.#context, tx, visit.providerId);
      if (presence === member.presence) return;
      await this.#follow({ tx, visit, now, member: { ...member, ...change } });
      await auditVisit(tx.db, visit, {
        at: now,
        actor: actorOf(caller, member.role),
        action: 'encounter.presence',
        resource: { type: 'encounter', id: visit.encounterId },
        concerned: member.personId,
        reason: presence,
      });
    });
  }

  /** The patient's presence moves the appointment; both being in begins the visit. */
  async #follow(act: { tx: Tx; visit: Visit; now: Date; member: Member }): Promise<void> {
    const { tx, visit, now, member } = act;
    const event = member.role === 'patient' ? appointmentEventOf(member.presence) : undefined;
    const appointmentStatus =
      event === undefined ? visit.appointmentStatus : await moveAppointment(tx.db, visit, event, now);
    const members = visit.members.map((other) => (other.personId === member.personId ? member : other));
    await begin(this.#context, { tx, visit: { ...visit, appointmentStatus, members }, now });
  }

  /**
   * Somebody left for good. Once everybody who was in a visit under way has left, it is over (SPEC END2); a provider
   * who looked in before the patient came ends nothing.
   */
  leave(by: Identify, encounterId: EncounterId): Promise<void> {
    return this.#desk.write({ encounterId, action: 'encounter.read', by }, async ({ tx, visit, caller, now }) => {
      const member = memberOf(visit, caller.who.personId);
      if (member === undefined) throw new AppError('forbidden');
      if (isOver(visit.status)) return;
      const change = { ...changeTo(member, 'absent', false, now), leftAt: now };
      await updateMember(tx.db, visit, member.personId, change);
      await auditVisit(tx.db, visit, {
        at: now,
        actor: actorOf(caller, member.role),
        action: 'encounter.leave',
        resource: { type: 'encounter', id: visit.encounterId },
        concerned: member.personId,
      });
      announceDayChange(this.#context, tx, visit.providerId);
      const members = visit.members.map((other) =>
        other.personId === member.personId ? { ...other, ...change } : other,
      );
      if (visit.status === 'in-progress' && everybodyLeft(members)) {
        await endVisit(this.#context, { tx, visit: { ...visit, members }, caller, now, reason: 'everybody-left' });
      }
    });
  }
}
