import {
  AppError,
  type Appointment,
  type AppointmentId,
  type Availability,
  type CancelRequest,
  SLOT_QUERY_MAX_DAYS,
  type Slot,
  type SlotQuery,
} from '@bedside/protocol';
import type { z } from 'zod';
import { audit } from '../audit/audit.ts';
import { AccessDenied, actorOf, type Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import { brokenConstraint } from '../db/failures.ts';
import { findProvider, findVisitType } from '../directory/store.ts';
import { endVisit } from '../encounters/visit-course.ts';
import type { VisitDesk } from '../encounters/visit-desk.ts';
import { afterAppointmentEvent } from './appointment-model.ts';
import { busyIntervals, selectAppointments, toAppointment } from './appointment-store.ts';
import { replaceWindows, weeklyWindows } from './availability-store.ts';
import { findAppointment } from './booking.ts';
import { freeSlots, localTime, minuteOfDay } from './slots.ts';
import { isTimeZone } from './wall-clock.ts';

const LIST_LIMIT = 100;
const MAX_RANGE_MS = SLOT_QUERY_MAX_DAYS * 24 * 60 * 60_000;

export class Scheduling {
  readonly #context: CoreContext;
  readonly #desk: VisitDesk;

  constructor(context: CoreContext, desk: VisitDesk) {
    this.#context = context;
    this.#desk = desk;
  }

  /** Free slots from now on within the range. Errors: `bad_request` (range), `not_found`. */
  async slots(caller: Caller, query: z.infer<typeof SlotQuery>): Promise<Slot[]> {
    const { db } = this.#context.database;
    const { organizationId } = caller.who;
    const range = {
      startsAtMs: Math.max(Date.parse(query.from), this.#context.clock()),
      endsAtMs: Date.parse(query.to),
    };
    if (range.endsAtMs - Date.parse(query.from) > MAX_RANGE_MS) {
      throw new AppError('bad_request', { detail: `to: must be at most ${SLOT_QUERY_MAX_DAYS} days after from.` });
    }
    const provider = await findProvider(db, { id: query.providerId, organizationId });
    const visitType = await findVisitType(db, { id: query.visitTypeId, organizationId });
    if (provider === undefined || visitType === undefined) throw new AppError('not_found');
    const slots = freeSlots({
      windows: await weeklyWindows(db, query.providerId),
      timeZone: provider.timeZone,
      durationMinutes: visitType.durationMinutes,
      busy: await busyIntervals(db, query.providerId, range),
      range,
    });
    return slots.map((slot) => ({
      startsAt: new Date(slot.startsAtMs).toISOString(),
      endsAt: new Date(slot.endsAtMs).toISOString(),
    }));
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

  /** The caller's own weekly windows. */
  async availability(caller: Caller): Promise<Availability> {
    const { db } = this.#context.database;
    const provider = await findProvider(db, { id: caller.who.personId, organizationId: caller.who.organizationId });
    if (provider === undefined) throw new AppError('not_found');
    const windows = await weeklyWindows(db, caller.who.personId);
    return {
      timeZone: provider.timeZone,
      windows: windows.map((window) => ({
        weekday: window.weekday,
        startsAt: localTime(window.startsMinute),
        endsAt: localTime(window.endsMinute),
      })),
    };
  }

  /** Replaces the caller's windows and their zone. What is booked stays. Errors: `bad_request`, `not_found`. */
  async setAvailability(caller: Caller, availability: Availability): Promise<Availability> {
    const { organizationId, personId: providerId } = caller.who;
    const windows = weeklyWindowsOf(availability);
    try {
      await this.#context.database.transaction(async (tx) => {
        // Two who replace at once replace one after the other.
        const provider = await tx.db
          .selectFrom('people')
          .innerJoin('providers', 'providers.personId', 'people.id')
          .where('people.id', '=', providerId)
          .select('people.id')
          .forNoKeyUpdate('people')
          .executeTakeFirst();
        if (provider === undefined) throw new AppError('not_found');
        await tx.db
          .updateTable('people')
          .set({ timeZone: availability.timeZone })
          .where('id', '=', providerId)
          .execute();
        await replaceWindows(tx.db, { organizationId, providerId }, windows);
        await audit(tx.db, {
          at: nowOf(this.#context),
          actor: actorOf(caller, 'provider'),
          action: 'availability.write',
          resource: { type: 'provider', id: providerId },
        });
      });
    } catch (error) {
      if (brokenConstraint(error) !== 'availability_windows_no_overlap') throw error;
      throw new AppError('bad_request', { detail: 'windows: those of one day must not overlap.', cause: error });
    }
    return this.availability(caller);
  }
}

/** Errors: `bad_request` where the zone is none or a window ends before it starts. */
export const weeklyWindowsOf = (
  availability: Availability,
): { weekday: number; startsMinute: number; endsMinute: number }[] => {
  if (!isTimeZone(availability.timeZone))
    throw new AppError('bad_request', { detail: 'timeZone: must be an IANA time zone.' });
  return availability.windows.map(({ weekday, startsAt, endsAt }, index) => {
    const window = { weekday, startsMinute: minuteOfDay(startsAt), endsMinute: minuteOfDay(endsAt) };
    if (window.startsMinute >= window.endsMinute)
      throw new AppError('bad_request', { detail: `windows.${index}.endsAt: must be later than startsAt.` });
    return window;
  });
};
