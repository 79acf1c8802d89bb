import {
  AppError,
  type Appointment,
  AppointmentId,
  type AppointmentList,
  type CancelRequest,
  type ErrorCode,
  type PersonId,
  type RescheduleRequest,
  type VisitRole,
} from '@bedside/protocol';
import { sql } from 'kysely';
import type { z } from 'zod';
import { audit } from '../audit/audit.ts';
import { AccessDenied, actorOf, type Caller } from '../caller.ts';
import { announceDayChange, type CoreContext, nowOf } from '../context.ts';
import type { Tx } from '../db/database.ts';
import { auditVisit } from '../encounters/visit-audit.ts';
import { endVisit } from '../encounters/visit-course.ts';
import type { VisitDesk } from '../encounters/visit-desk.ts';
import { isPatientOf, memberOf, type Visit } from '../encounters/visit-store.ts';
import { isProxy, sightOf } from '../encounters/visit-viewer.ts';
import { personOwner, visitOwner } from '../phi/owner.ts';
import { type Action, isDesk } from '../policy/policy.ts';
import { type AppointmentEvent, afterAppointmentEvent } from './appointment-model.ts';
import {
  findAppointment,
  STAFF,
  selectAppointments,
  setAppointmentStatus,
  toAppointment,
  type Viewer,
} from './appointment-store.ts';
import type { Bookings } from './booking.ts';
import { earlierResource, keepResource, requestKey } from './idempotency.ts';
import { lockPeople } from './placing.ts';
import { openAnswers, reasonPlace } from './sealed-answers.ts';
import { cancelledOf, giveSeatBack } from './seats.ts';

const PAGE = 50;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

interface Act {
  readonly tx: Tx;
  readonly visit: Visit;
  readonly caller: Caller;
  readonly now: Date;
}

const writeOutbox = async ({ tx, visit, now }: Act, topic: string): Promise<void> => {
  await tx.db
    .insertInto('outboxEvents')
    .values({
      organizationId: visit.organizationId,
      topic,
      resourceId: visit.appointmentId,
      createdAt: now,
      availableAt: now,
    })
    .execute();
};

/** As a patient of the visit, or as somebody who works in it or for the house. */
const roleIn = ({ visit, caller }: Pick<Act, 'visit' | 'caller'>): VisitRole | 'front-desk' | undefined =>
  memberOf(visit, caller.who.personId)?.role ?? (isDesk(caller.who) ? 'front-desk' : undefined);

/** Whether they come from the patient's side: the patient, or whoever acts for them. */
const isForPatient = ({ visit, caller }: Pick<Act, 'visit' | 'caller'>): boolean =>
  isPatientOf(visit, caller.who.personId) || isProxy(visit);

const isLate = ({ visit, now }: Act): boolean =>
  now.getTime() > visit.startsAt.getTime() - visit.cancelNoticeMinutes * MINUTE_MS;

/** Errors: `version_conflict`, `transition_refused`, `change_too_late` (a patient's; staff may at any time). */
const requireChange = (act: Act, change: { version: number; event: AppointmentEvent; byPatient: boolean }): void => {
  const { version, event, byPatient } = change;
  if (act.visit.version !== version) throw new AppError('version_conflict');
  if (afterAppointmentEvent(act.visit.appointmentStatus, event) === undefined) throw new AppError('transition_refused');
  if (byPatient && isLate(act)) throw new AppError('change_too_late');
};

/** What is booked, as its people and the front desk see and change it. */
export class Appointments {
  readonly #context: CoreContext;
  readonly #desk: VisitDesk;
  readonly #bookings: Bookings;

  constructor(context: CoreContext, desk: VisitDesk, bookings: Bookings) {
    this.#context = context;
    this.#desk = desk;
    this.#bookings = bookings;
  }

  /** The caller's own visits as a patient that are not over, the next one first, 50 a page. */
  async own(caller: Caller, cursor: string | undefined): Promise<z.infer<typeof AppointmentList>> {
    const { db } = this.#context.database.as(caller);
    const { personId } = caller.who;
    const now = nowOf(this.#context);
    const after = cursor === undefined ? undefined : placeOf(cursor);
    const rows = await selectAppointments(db)
      .where('encounters.id', 'in', (from) =>
        from
          .selectFrom('presences')
          .where('presences.personId', '=', personId)
          .where('presences.role', '=', 'patient')
          .where('presences.participation', '=', 'accepted')
          .select('presences.encounterId'),
      )
      .where('encounters.status', 'in', ['planned', 'in-progress'])
      // A day is longer than any visit and the time to enter it late.
      .where('appointments.endsAt', '>', new Date(now.getTime() - DAY_MS))
      .$if(after !== undefined, (query) =>
        query.where(sql<boolean>`(appointments.starts_at, appointments.id) > (${after?.at}, ${after?.id})`),
      )
      .orderBy('appointments.startsAt')
      .orderBy('appointments.id')
      .limit(PAGE + 1)
      .execute();
    await audit(db, {
      at: now,
      actor: actorOf(caller, 'patient'),
      action: 'appointments.list',
      resource: { type: 'appointments' },
      patientId: personId,
    });
    const last = rows.length > PAGE ? rows[PAGE - 1] : undefined;
    const appointments = rows
      .slice(0, PAGE)
      .map((row) => toAppointment(row, { kind: 'patient', personId }))
      .filter((row) => row.encounterStatus === 'in-progress' || Date.parse(row.closesAt) > now.getTime());
    return {
      appointments,
      ...(last === undefined ? {} : { next: `${last.startsAt.getTime().toString(36)}.${last.id}` }),
    };
  }

  /** Errors: `not_found`. */
  async read(caller: Caller, id: AppointmentId): Promise<Appointment> {
    const { db } = this.#context.database.as(caller);
    const visit = await this.#desk.read(caller, 'appointment.read', await this.#encounterOf(caller, id));
    const at = nowOf(this.#context);
    const { viewer, actedFor } = await sightOf(db, visit, { caller, at });
    // At once, as both take a round trip; nothing is told before the trail has it.
    const [appointment] = await Promise.all([
      findAppointment(db, id, viewer),
      auditVisit(db, visit, {
        at,
        actor: actorOf(caller, roleIn({ visit, caller })),
        action: 'appointment.read',
        resource: { type: 'appointment', id },
        concerned: [caller.who.personId, ...(actedFor ?? [])],
      }),
    ]);
    return appointment;
  }

  /**
   * Cancels a visit that did not begin, or gives back one patient's seat of a session (`cancelledOf`), which stays for
   * the others. Errors: `not_found`, `bad_request`, `version_conflict`, `transition_refused`, `change_too_late`.
   */
  cancel(caller: Caller, id: AppointmentId, request: CancelRequest): Promise<Appointment> {
    return this.#change(caller, { id, action: 'appointment.cancel' }, async (act) => {
      const { tx, now } = act;
      const cancelled = await cancelledOf(this.#context, act, request.patientId);
      const byPatient = cancelled.kind === 'seat' ? cancelled.byPatient : isForPatient(act);
      requireChange(act, { version: request.version, event: 'cancel', byPatient });
      if (cancelled.kind === 'seat') {
        const { patientId } = cancelled;
        await giveSeatBack(this.#context, { ...act, personId: patientId });
        await writeOutbox(act, 'appointment.cancelled');
        await this.#audit(act, 'appointment.cancel', patientId);
        return { id, viewer: byPatient ? { kind: 'patient', personId: patientId } : STAFF };
      }
      await setAppointmentStatus(tx.db, id, {
        status: 'cancelled',
        version: request.version + 1,
        cancelledBy: caller.who.personId,
        sealedCancelReason: await this.#sealReason(act, request.reason),
        cancelledLate: isLate(act),
        updatedAt: now,
      });
      await this.#over(act);
      tx.onCommit(() => this.#context.events.cancelled());
      await writeOutbox(act, 'appointment.cancelled');
      await this.#audit(act, 'appointment.cancel');
      return { id };
    });
  }

  /** The patient did not come. For the provider and the front desk, once it should have begun. Errors as of `cancel`. */
  noShow(caller: Caller, id: AppointmentId, version: number): Promise<Appointment> {
    return this.#change(caller, { id, action: 'appointment.noShow' }, async (act) => {
      const { tx, visit, now } = act;
      requireChange(act, { version, event: 'miss', byPatient: isForPatient(act) });
      if (now < visit.startsAt) throw new AppError('transition_refused');
      const change = { status: 'no-show', version: version + 1, updatedAt: now } as const;
      await setAppointmentStatus(tx.db, id, change);
      await endVisit(this.#context, { ...act, visit: { ...visit, appointmentStatus: 'no-show' }, reason: 'cancelled' });
      await this.#audit(act, 'appointment.noShow');
      return { id };
    });
  }

  /**
   * Moves a visit: the new one is booked and the old one let go, or nothing happens. Answers the new one. Errors: those
   * of `cancel` and of `Bookings.book`. A group session is not moved.
   */
  reschedule(
    caller: Caller,
    id: AppointmentId,
    request: RescheduleRequest,
    idempotencyKey: string | undefined,
  ): Promise<Appointment> {
    const key = requestKey(caller, idempotencyKey, { operation: `appointment.reschedule ${id}`, body: request });
    return this.#change(caller, { id, action: 'appointment.reschedule' }, async (act) => {
      const { tx, visit, now } = act;
      const { patientId } = visit;
      const providerId = request.providerId ?? visit.providerId;
      await lockPeople(tx.db, [...visit.members.map((member) => member.personId), providerId]);
      const earlier = await earlierResource(tx.db, key, { organizationId: visit.organizationId, now });
      if (earlier !== undefined) return { id: earlier as AppointmentId };
      requireChange(act, { version: request.version, event: 'move', byPatient: isForPatient(act) });
      if (patientId === null) throw new AppError('transition_refused', { detail: 'A group session is not moved.' });
      const before = await tx.db
        .selectFrom('appointments')
        .where('id', '=', id)
        .select(['payerId', 'intakeAnswers', 'seriesId'])
        .executeTakeFirstOrThrow();
      const answers = await openAnswers(this.#context.phi, tx.db, {
        owner: personOwner(visit.organizationId, patientId),
        of: { appointmentId: id },
        stored: before.intakeAnswers,
      });
      await tx.db.deleteFrom('calendarClaims').where('appointmentId', '=', id).execute();
      const moved = await this.#bookings.bookJudged(tx, {
        organizationId: visit.organizationId,
        wanted: {
          providerId,
          visitTypeId: visit.visitTypeId,
          startsAt: new Date(request.startsAt),
          patientId,
          additional: additionalOf(visit),
          region: visit.patientRegion ?? undefined,
          payerId: before.payerId ?? undefined,
        },
        actor: actorOf(caller, roleIn(act)),
        madeBy: caller.who.personId,
        // Told anew once it is done, and as they see it.
        viewer: STAFF,
        byStaff: !isForPatient(act),
        answers,
        answersAreKept: true,
        replacedId: id,
        seriesId: before.seriesId ?? undefined,
      });
      await setAppointmentStatus(tx.db, id, {
        status: 'rescheduled',
        version: request.version + 1,
        rescheduledTo: moved.id,
        sealedCancelReason: await this.#sealReason(act, request.reason),
        cancelledLate: isLate(act),
        updatedAt: now,
      });
      await this.#over(act);
      await writeOutbox(act, 'appointment.rescheduled');
      await this.#audit(act, 'appointment.reschedule');
      await keepResource(tx.db, key, moved.id);
      return { id: moved.id };
    });
  }

  /** What somebody wrote about why; nobody reads it but by the record. */
  async #sealReason({ tx, visit }: Act, reason: string | undefined): Promise<Buffer | null> {
    if (reason === undefined || reason === '') return null;
    return this.#context.phi.seal(tx.db, visitOwner(visit), reasonPlace(visit.appointmentId), reason);
  }

  /** The visit's room closes. Who waits for its time hears of it by the outbox. */
  async #over(act: Act): Promise<void> {
    const { tx, visit } = act;
    await endVisit(this.#context, { ...act, reason: 'cancelled' });
    announceDayChange(this.#context, tx, visit.providerId);
  }

  #audit(act: Act, action: string, concerned: PersonId = act.caller.who.personId): Promise<void> {
    const { tx, visit, caller, now } = act;
    return auditVisit(tx.db, visit, {
      at: now,
      actor: actorOf(caller, roleIn(act)),
      action,
      resource: { type: 'appointment', id: visit.appointmentId },
      concerned,
    });
  }

  /** Answers with the appointment that `work` names, as `viewer` sees it, or as the caller saw the visit before. */
  async #change(
    caller: Caller,
    which: { readonly id: AppointmentId; readonly action: Action },
    work: (act: Act) => Promise<{ readonly id: AppointmentId; readonly viewer?: Viewer }>,
  ): Promise<Appointment> {
    const encounterId = await this.#encounterOf(caller, which.id, which.action);
    const { id, viewer } = await this.#desk.write({ encounterId, action: which.action, by: caller }, async (act) => {
      const { viewer: asBefore } = await sightOf(act.tx.db, act.visit, { caller, at: act.now });
      return { viewer: asBefore, ...(await work(act)) };
    });
    return findAppointment(this.#context.database.as(caller).db, id, viewer);
  }

  async #encounterOf(caller: Caller, id: AppointmentId, action: Action = 'appointment.read') {
    const encounter = await this.#context.database
      .as(caller)
      .db.selectFrom('encounters')
      .select('id')
      .where('appointmentId', '=', id)
      .executeTakeFirst();
    if (encounter !== undefined) return encounter.id;
    throw new AccessDenied({
      code: 'not_found' satisfies ErrorCode,
      at: nowOf(this.#context),
      caller,
      action,
      reason: 'no-such-appointment',
      resource: { type: 'appointment', id },
    });
  }
}

const additionalOf = (visit: Visit): { personId: PersonId; role: 'provider' | 'interpreter' }[] =>
  visit.members.flatMap(({ personId, role }) =>
    personId !== visit.providerId && (role === 'provider' || role === 'interpreter') ? [{ personId, role }] : [],
  );

/** Errors: `bad_request` where it is no cursor of ours. */
const placeOf = (cursor: string): { at: Date; id: AppointmentId } => {
  const [at = '', rawId] = cursor.split('.', 2);
  const id = AppointmentId.safeParse(rawId);
  if (!id.success || !/^[0-9a-z]{1,9}$/.test(at))
    throw new AppError('bad_request', { detail: 'cursor: must be the `next` of an earlier page.' });
  return { at: new Date(Number.parseInt(at, 36)), id: id.data };
};
