import {
  AppError,
  type Appointment,
  type AppointmentId,
  type BookRequest,
  type ErrorCode,
  type OrganizationId,
  type PersonId,
  type VisitTypeId,
} from '@bedside/protocol';
import { type Actor, audit } from '../audit/audit.ts';
import { actorOf, type Caller } from '../caller.ts';
import { announceDayChange, type CoreContext, nowOf } from '../context.ts';
import type { Db, Tx } from '../db/database.ts';
import { brokenConstraint } from '../db/failures.ts';
import { findProvider } from '../directory/store.ts';
import { findVisitType } from '../directory/visit-type-store.ts';
import { sha256 } from '../secrets.ts';
import { insertVisit, selectAppointments, toAppointment } from './appointment-store.ts';
import { weeklyWindows } from './availability-store.ts';
import { freeSlots } from './slots.ts';

const IDEMPOTENCY_LIFE_MS = 24 * 60 * 60_000;

const REFUSALS: Readonly<Record<string, ErrorCode>> = {
  appointments_provider_no_overlap: 'slot_taken',
  appointments_patient_no_overlap: 'patient_busy',
};

export interface Booking {
  readonly organizationId: OrganizationId;
  readonly patientId: PersonId;
  readonly providerId: PersonId;
  readonly visitTypeId: VisitTypeId;
  readonly startsAt: Date;
}

/** An appointment as its people see it. */
export const findAppointment = async (db: Db, id: AppointmentId): Promise<Appointment> =>
  toAppointment(await selectAppointments(db).where('appointments.id', '=', id).executeTakeFirstOrThrow());

export class Bookings {
  readonly #context: CoreContext;

  constructor(context: CoreContext) {
    this.#context = context;
  }

  /**
   * Books one of the free slots for the caller. With a key, the same request again answers with the same appointment
   * for 24 hours. Errors: `slot_unavailable`, `slot_taken`, `patient_busy`, `idempotency_conflict`, `not_found`.
   */
  async book(caller: Caller, request: BookRequest, idempotencyKey: string | undefined): Promise<Appointment> {
    const now = nowOf(this.#context);
    const { organizationId, personId: patientId } = caller.who;
    const booking = {
      organizationId,
      patientId,
      providerId: request.providerId,
      visitTypeId: request.visitTypeId,
      startsAt: new Date(request.startsAt),
    };
    return this.#refusing(async (tx) => {
      const key =
        idempotencyKey === undefined
          ? undefined
          : {
              personId: patientId,
              organizationId,
              key: idempotencyKey,
              requestHash: sha256(JSON.stringify(request)),
              now,
            };
      const earlier = key && (await claimKey(tx.db, key));
      if (earlier !== undefined) return findAppointment(tx.db, earlier);
      await this.#requireSlot(tx.db, booking, now);
      const appointmentId = await this.place(tx, booking, actorOf(caller, 'patient'));
      if (key !== undefined) {
        await tx.db
          .updateTable('idempotencyKeys')
          .set({ resourceId: appointmentId })
          .where('personId', '=', patientId)
          .where('key', '=', key.key)
          .execute();
      }
      return findAppointment(tx.db, appointmentId);
    });
  }

  /** Books a time that needs to be no slot: for set-up. The exclusion constraints hold all the same. */
  bookAnyTime(booking: Booking, actor: Actor): Promise<AppointmentId> {
    return this.#refusing((tx) => this.place(tx, booking, actor));
  }

  async place(tx: Tx, booking: Booking, actor: Actor): Promise<AppointmentId> {
    const visitType = await findVisitType(tx.db, { id: booking.visitTypeId, organizationId: booking.organizationId });
    if (visitType === undefined) throw new AppError('not_found');
    if (booking.providerId === booking.patientId) throw new AppError('slot_unavailable');
    const now = nowOf(this.#context);
    const endsAt = new Date(booking.startsAt.getTime() + visitType.durationMinutes * 60_000);
    const { appointmentId, encounterId } = await insertVisit(tx.db, { ...booking, endsAt, now });
    await audit(tx.db, {
      at: now,
      actor,
      action: 'appointment.book',
      resource: { type: 'appointment', id: appointmentId },
      patientId: booking.patientId,
      encounterId,
    });
    announceDayChange(this.#context, tx, booking.providerId);
    tx.onCommit(() => this.#context.events.booked());
    return appointmentId;
  }

  /** The friendly check; the constraint is what holds when two ask at once. */
  async #requireSlot(db: Db, booking: Booking, now: Date): Promise<void> {
    const { organizationId, providerId, visitTypeId, startsAt } = booking;
    const provider = await findProvider(db, { id: providerId, organizationId });
    const visitType = await findVisitType(db, { id: visitTypeId, organizationId });
    if (provider === undefined || visitType === undefined) throw new AppError('not_found');
    const startsAtMs = startsAt.getTime();
    const slots = freeSlots({
      windows: await weeklyWindows(db, providerId),
      timeZone: provider.timeZone,
      durationMinutes: visitType.durationMinutes,
      busy: [],
      range: { startsAtMs, endsAtMs: startsAtMs + visitType.durationMinutes * 60_000 },
    });
    if (startsAt < now || slots[0]?.startsAtMs !== startsAtMs) throw new AppError('slot_unavailable');
  }

  async #refusing<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
    try {
      return await this.#context.database.transaction(work);
    } catch (error) {
      const code = REFUSALS[brokenConstraint(error) ?? ''];
      const refusal = code === undefined ? error : new AppError(code, { cause: error });
      if (refusal instanceof AppError) this.#context.events.bookingRefused({ code: refusal.code });
      throw refusal;
    }
  }
}

interface KeyClaim {
  readonly personId: PersonId;
  readonly organizationId: OrganizationId;
  readonly key: string;
  readonly requestHash: string;
  readonly now: Date;
}

/**
 * Claims a key inside the transaction of the write it stands for; a claim under way elsewhere is waited for. Answers
 * what the key made before, if it did. Errors: `idempotency_conflict`.
 */
const claimKey = async (db: Db, claim: KeyClaim): Promise<AppointmentId | undefined> => {
  const { now, ...key } = claim;
  await db.deleteFrom('idempotencyKeys').where('personId', '=', key.personId).where('expiresAt', '<', now).execute();
  const inserted = await db
    .insertInto('idempotencyKeys')
    .values({ ...key, expiresAt: new Date(now.getTime() + IDEMPOTENCY_LIFE_MS) })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (inserted.numInsertedOrUpdatedRows === 1n) return undefined;
  const earlier = await db
    .selectFrom('idempotencyKeys')
    .select(['requestHash', 'resourceId'])
    .where('personId', '=', key.personId)
    .where('key', '=', key.key)
    .executeTakeFirstOrThrow();
  if (earlier.requestHash !== key.requestHash || earlier.resourceId === null)
    throw new AppError('idempotency_conflict');
  return earlier.resourceId as AppointmentId;
};
