import { AppError, type Appointment, type AppointmentId, type CancelRequest } from '@bedside/protocol';
import { audit } from '../audit/audit.ts';
import { AccessDenied, actorOf, type Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import { endVisit } from '../encounters/visit-course.ts';
import type { VisitDesk } from '../encounters/visit-desk.ts';
import { afterAppointmentEvent } from './appointment-model.ts';
import { selectAppointments, toAppointment } from './appointment-store.ts';
import { findAppointment } from './booking.ts';

const LIST_LIMIT = 100;

export class Scheduling {
  readonly #context: CoreContext;
  readonly #desk: VisitDesk;

  constructor(context: CoreContext, desk: VisitDesk) {
    this.#context = context;
    this.#desk = desk;
  }

  /** The caller's own visits as a patient that are not over, the next one first. */
  async ownAppointments(caller: Caller): Promise<Appointment[]> {
    const { db } = this.#context.database;
    const now = nowOf(this.#context);
    const rows = await selectAppointments(db)
      .where('appointments.patientId', '=', caller.who.personId)
      .where('encounters.status', 'in', ['planned', 'in-progress'])
      // A day is longer than any visit and the time to enter it late.
      .where('appointments.endsAt', '>', new Date(now.getTime() - 24 * 60 * 60_000))
      .orderBy('appointments.startsAt')
      .limit(LIST_LIMIT)
      .execute();
    await audit(db, {
      at: now,
      actor: actorOf(caller, 'patient'),
      action: 'appointments.list',
      resource: { type: 'appointments' },
      patientId: caller.who.personId,
    });
    return rows
      .map(toAppointment)
      .filter((row) => row.encounterStatus === 'in-progress' || Date.parse(row.closesAt) > now.getTime());
  }

  /** Errors: `not_found`, `version_conflict`, `transition_refused`. */
  async cancel(caller: Caller, id: AppointmentId, request: CancelRequest): Promise<Appointment> {
    const { db } = this.#context.database;
    const encounter = await db.selectFrom('encounters').select('id').where('appointmentId', '=', id).executeTakeFirst();
    if (encounter === undefined) {
      throw new AccessDenied({
        code: 'not_found',
        at: nowOf(this.#context),
        caller,
        action: 'appointment.cancel',
        reason: 'no-such-appointment',
        resource: { type: 'appointment', id },
      });
    }
    await this.#desk.write(
      { encounterId: encounter.id, action: 'appointment.cancel', identify: async () => caller },
      async ({ tx, visit, now }) => {
        const status = afterAppointmentEvent(visit.appointmentStatus, 'cancel');
        if (status === undefined) throw new AppError('transition_refused');
        const updated = await tx.db
          .updateTable('appointments')
          .set({
            status,
            version: request.version + 1,
            cancelledBy: caller.who.personId,
            cancelReason: request.reason,
            updatedAt: now,
          })
          .where('id', '=', id)
          .where('version', '=', request.version)
          .executeTakeFirst();
        if (updated.numUpdatedRows === 0n) throw new AppError('version_conflict');
        await endVisit(this.#context, { tx, visit, caller, now, reason: 'cancelled' });
        const role = visit.patientId === caller.who.personId ? 'patient' : 'provider';
        await audit(tx.db, {
          at: now,
          actor: actorOf(caller, role),
          action: 'appointment.cancel',
          resource: { type: 'appointment', id },
          patientId: visit.patientId,
          encounterId: visit.encounterId,
        });
        tx.onCommit(() => this.#context.events.cancelled());
      },
    );
    return findAppointment(db, id);
  }
}
