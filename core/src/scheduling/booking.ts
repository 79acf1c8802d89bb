import { randomUUID } from 'node:crypto';
import {
  AppError,
  type Appointment,
  AppointmentId,
  type BookRequest,
  EncounterId,
  type HoldId,
  type IntakeAnswers,
  type OrganizationId,
  type PersonId,
  type VisitTypeId,
} from '@bedside/protocol';
import type { Actor } from '../audit/audit.ts';
import { AccessDenied, actorOf, type Caller } from '../caller.ts';
import { announceDayChange, type CoreContext, nowOf } from '../context.ts';
import type { Db, Tx } from '../db/database.ts';
import { type Action, isDesk } from '../policy/policy.ts';
import { relationsOf } from '../relationships/relations-of.ts';
import { type AppointmentRow, findAppointment, STAFF, toAppointment, type Viewer } from './appointment-store.ts';
import { type BookingFacts, bookingFacts, type ProviderFacts } from './booking-facts.ts';
import { findHold, type HeldTime } from './hold-store.ts';
import { madeByKey, requestKey } from './idempotency.ts';
import { requireAnswers } from './intake.ts';
import { dateIn, endOf, type Judge, type Judged, judge, peopleOf, type Wanted } from './judging.ts';
import { type Placing, placeVisit, type RequestKey, type VisitPlacement } from './placing.ts';

/** How often a time is judged again because the provider's availability changed in between. */
const ATTEMPTS = 3;

export interface Booking {
  readonly organizationId: OrganizationId;
  readonly patientId: PersonId;
  readonly providerId: PersonId;
  readonly visitTypeId: VisitTypeId;
  readonly startsAt: Date;
}

type WantedTime = Exclude<BookRequest, { readonly holdId: HoldId }>;

/** A statement on the pool is a transaction of its own: what follows from it follows at once. */
export const onPool = (db: Db): Pick<Tx, 'onCommit'> & { readonly db: Db } => ({ db, onCommit: (hook) => hook() });

/** What is asked for, and by whom: the patient themselves, or their proxy or staff for whom they name. Errors: `not_found`. */
export const requirePatient = async (
  context: CoreContext,
  ask: { readonly caller: Caller; readonly action: Action; readonly patientId: PersonId | undefined },
): Promise<PersonId> => {
  const { caller, action } = ask;
  const { personId } = caller.who;
  const patientId = ask.patientId ?? personId;
  const relations =
    patientId === personId || isDesk(caller.who)
      ? []
      : await relationsOf(context.database.as(caller).db, { personId, patientIds: [patientId], at: nowOf(context) });
  const decision = context.policy.onPatient(caller.who, action, patientId, relations);
  if (decision.allowed) return patientId;
  throw new AccessDenied({
    code: decision.code,
    at: nowOf(context),
    caller,
    action,
    reason: decision.reason,
    resource: { type: 'patient', id: patientId },
  });
};

export const wantedOf = (request: Omit<WantedTime, 'answers'>, patientId: PersonId): Wanted => ({
  providerId: request.providerId,
  visitTypeId: request.visitTypeId,
  startsAt: new Date(request.startsAt),
  patientId,
  additional: request.additional,
  groupAppointmentId: request.groupAppointmentId,
  region: request.region,
  payerId: request.payerId,
});

/** Through whose eyes the one who books sees what they booked. */
export const viewerOf = (caller: Caller, patientId: PersonId | undefined): Viewer =>
  caller.who.personId === patientId ? { kind: 'patient', personId: caller.who.personId } : STAFF;

/** Books: what is wanted is judged by facts of one round trip, then placed in another (ADR 0018). */
export class Bookings {
  readonly #context: CoreContext;

  constructor(context: CoreContext) {
    this.#context = context;
  }

  /**
   * Books what is held, or a free time at once, for the caller or a patient whom staff name. With a key, the same
   * request again answers with the same appointment for 24 hours. Errors: those of `judge`, `slot_taken`,
   * `patient_busy`, `day_full`, `session_full`, `hold_over`, `hold_unknown`, `bad_request` (answers),
   * `idempotency_conflict`, `unavailable` (the provider's availability keeps changing).
   */
  async book(caller: Caller, request: BookRequest, idempotencyKey: string | undefined): Promise<Appointment> {
    const key = requestKey(caller, idempotencyKey, { operation: 'appointment.book', body: request });
    const { db } = this.#context.database.as(caller);
    return this.#counting(() =>
      'holdId' in request
        ? this.bookHeld(onPool(db), { caller, ...request, key })
        : this.#bookWanted(caller, request, key),
    );
  }

  async #bookWanted(caller: Caller, request: WantedTime, key: RequestKey | undefined): Promise<Appointment> {
    const patientId = await requirePatient(this.#context, {
      caller,
      action: 'appointment.book',
      patientId: request.patientId,
    });
    const wanted = wantedOf(request, patientId);
    const { db } = this.#context.database.as(caller);
    const tx = onPool(db);
    const by = {
      actor: actorOf(caller, isDesk(caller.who) ? undefined : 'patient'),
      madeBy: caller.who.personId,
      viewer: viewerOf(caller, patientId),
      byStaff: isDesk(caller.who),
      answers: request.answers,
      key,
    };
    return this.bookJudged(tx, { organizationId: caller.who.organizationId, wanted, ...by });
  }

  /** Judges and places one visit; within a transaction of the caller's, or as one of its own. Errors as of `book`. */
  async bookJudged(
    tx: Pick<Tx, 'onCommit'> & { readonly db: Db },
    request: {
      readonly organizationId: OrganizationId;
      readonly wanted: Wanted;
      readonly actor: Actor;
      readonly madeBy: PersonId;
      readonly viewer: Viewer;
      readonly byStaff: boolean;
      readonly answers: IntakeAnswers;
      readonly key?: RequestKey | undefined;
      /** They were judged when they were given, or will be asked for later. */
      readonly answersAreKept?: boolean;
      /** Of series, which reach beyond the days that are laid out. */
      readonly openDays?: (providerId: PersonId, startsAt: Date) => ProviderFacts['days'];
    } & Pick<VisitPlacement, 'replacedId' | 'seriesId'>,
  ): Promise<Appointment> {
    const { organizationId, wanted, viewer } = request;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const now = nowOf(this.#context);
      const found = await this.facts(tx.db, { organizationId, wanted, now, replacedId: request.replacedId });
      const { openDays } = request;
      const facts = openDays === undefined ? found : withDays(found, (id) => openDays(id, wanted.startsAt));
      const how: Judge = { now, byStaff: request.byStaff, horizonBinds: openDays === undefined };
      const judged = await this.#orElse(tx.db, request.key, () => judge(facts, wanted, how));
      if (typeof judged === 'string') return findAppointment(tx.db, judged, viewer);
      const placement = placementOf({ ...request, facts, judged, now });
      const placing = await placeVisit(tx.db, placement);
      if (placing.kind === 'changed') continue;
      if (placing.kind === 'placed') this.#booked(tx, wanted.providerId);
      if (placing.kind === 'placed' && facts.group === null)
        return toAppointment(rowOf(placement, judged, facts), viewer);
      return findAppointment(tx.db, resourceOf(placing, placement.id), viewer);
    }
    throw new AppError('unavailable');
  }

  /** Everything that a wanted time is judged by. */
  facts(
    db: Db,
    ask: {
      readonly organizationId: OrganizationId;
      readonly wanted: Wanted;
      readonly now: Date;
      readonly replacedId?: AppointmentId | undefined;
    },
  ): Promise<BookingFacts> {
    const { wanted, replacedId } = ask;
    return bookingFacts(db, {
      organizationId: ask.organizationId,
      visitTypeId: wanted.visitTypeId,
      providerIds: [wanted.providerId, ...wanted.additional.map(({ personId }) => personId)],
      patientId: wanted.patientId,
      payerId: wanted.payerId,
      groupAppointmentId: wanted.groupAppointmentId,
      startsAt: wanted.startsAt,
      now: ask.now,
      ...(replacedId === undefined ? {} : { replacedId }),
    });
  }

  /**
   * Books what is held: the hold's claims become the visit's. Only who made the hold and has its token can. In a
   * transaction of the caller's the visit stands or falls with it. Errors: `hold_unknown`, `hold_over`, `bad_request`.
   */
  async bookHeld(
    tx: Pick<Tx, 'onCommit'> & { readonly db: Db },
    request: {
      readonly caller: Caller;
      readonly holdId: HoldId;
      readonly token: string;
      readonly answers: IntakeAnswers;
      readonly key?: RequestKey | undefined;
    },
  ): Promise<Appointment> {
    const { caller, holdId, token, key } = request;
    const hold = await findHold(tx.db, holdId);
    // Booked already, it is known by the key alone.
    if (hold === undefined) {
      const earlier = await madeByKey(tx.db, key, nowOf(this.#context));
      if (earlier === undefined) throw new AppError('hold_unknown');
      return findAppointment(tx.db, earlier as AppointmentId, viewerOf(caller, caller.who.personId));
    }
    if (hold.madeBy !== caller.who.personId || hold.token !== token) throw new AppError('hold_unknown');
    const answers = requireAnswers(hold.visitType.intakeQuestions, request.answers);
    const placement = heldPlacement({ caller, hold, answers, key, now: nowOf(this.#context) });
    const placing = await placeVisit(tx.db, placement);
    if (placing.kind === 'placed') this.#booked(tx, hold.providerId);
    return findAppointment(tx.db, resourceOf(placing, placement.id), viewerOf(caller, hold.patientId));
  }

  /** A request that comes again finds its time taken, by itself: then what it made before is the answer. */
  async #orElse(db: Db, key: RequestKey | undefined, judging: () => Judged): Promise<Judged | AppointmentId> {
    try {
      return judging();
    } catch (error) {
      const earlier = await madeByKey(db, key, nowOf(this.#context));
      if (earlier === undefined) throw error;
      return earlier as AppointmentId;
    }
  }

  /** Books a time that needs to be no slot: for set-up. Nobody can be in two places all the same. */
  async bookAnyTime(booking: Booking, actor: Actor): Promise<AppointmentId> {
    const { organizationId } = booking;
    const tx = onPool(this.#context.database.asSystem('set-up', { organizationId }).db);
    const wanted: Wanted = { ...booking, additional: [] };
    const now = nowOf(this.#context);
    return this.#counting(async () => {
      const facts = await this.facts(tx.db, { organizationId: booking.organizationId, wanted, now });
      const [provider] = facts.providers;
      const { visitType } = facts;
      if (visitType === null || provider === undefined || facts.patient === null) throw new AppError('not_found');
      if (booking.providerId === booking.patientId) throw new AppError('slot_unavailable');
      const placement: VisitPlacement = {
        ...wanted,
        ...newVisit(),
        now,
        organizationId: booking.organizationId,
        actor,
        action: 'appointment.book',
        people: peopleOf(wanted, visitType, undefined),
        judged: [],
        endsAt: endOf(wanted.startsAt, visitType),
        providerDate: dateIn(wanted.startsAt, provider.timeZone),
        capped: false,
        madeBy: undefined,
        seats: 1,
      };
      resourceOf(await placeVisit(tx.db, placement), placement.id);
      this.#booked(tx, booking.providerId);
      return placement.id;
    });
  }

  #booked(tx: Pick<Tx, 'onCommit'>, providerId: PersonId): void {
    announceDayChange(this.#context, tx, providerId);
    tx.onCommit(() => this.#context.events.booked());
  }

  async #counting<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof AppError) this.#context.events.bookingRefused({ code: error.code });
      throw error;
    }
  }
}

const newVisit = (): { id: AppointmentId; encounterId: EncounterId } => ({
  id: AppointmentId.parse(randomUUID()),
  encounterId: EncounterId.parse(randomUUID()),
});

/** What was placed now or before. Throws a refusal. */
export const resourceOf = (placing: Placing, placedId: AppointmentId): AppointmentId => {
  switch (placing.kind) {
    case 'placed':
      return placedId;
    case 'replayed':
      return placing.id as AppointmentId;
    case 'refused':
      throw new AppError(placing.code);
    case 'changed':
      throw new AppError('unavailable');
    default:
      return placing satisfies never;
  }
};

const withDays = (facts: BookingFacts, daysOf: (id: PersonId) => ProviderFacts['days']): BookingFacts => ({
  ...facts,
  providers: facts.providers.map((provider) => ({ ...provider, days: daysOf(provider.id) })),
});

const placementOf = (request: {
  readonly organizationId: OrganizationId;
  readonly wanted: Wanted;
  readonly facts: BookingFacts;
  readonly judged: Judged;
  readonly actor: Actor;
  readonly madeBy: PersonId;
  readonly answers: IntakeAnswers;
  readonly answersAreKept?: boolean;
  readonly now: Date;
  readonly key?: RequestKey | undefined;
  readonly replacedId?: AppointmentId | undefined;
  readonly seriesId?: string | undefined;
}): VisitPlacement => {
  const { wanted, judged, facts } = request;
  const { visitType } = judged;
  const isSession = wanted.patientId === undefined;
  const session =
    wanted.groupAppointmentId !== undefined && facts.group !== null
      ? { id: wanted.groupAppointmentId, encounterId: facts.group.encounterId }
      : newVisit();
  return {
    ...session,
    now: request.now,
    organizationId: request.organizationId,
    actor: request.actor,
    action: isSession ? 'group.create' : 'appointment.book',
    people: judged.people,
    judged: judged.judged,
    providerId: wanted.providerId,
    visitTypeId: wanted.visitTypeId,
    patientId: wanted.patientId,
    groupAppointmentId: wanted.groupAppointmentId,
    startsAt: wanted.startsAt,
    endsAt: judged.endsAt,
    providerDate: judged.providerDate,
    patientRegion: judged.patientRegion,
    payerId: wanted.payerId,
    capped: true,
    madeBy: request.madeBy,
    seats: visitType.seats,
    answers: isSession
      ? undefined
      : request.answersAreKept === true
        ? request.answers
        : requireAnswers(visitType.intakeQuestions, request.answers),
    seriesId: request.seriesId,
    replacedId: request.replacedId,
    key: request.key,
  };
};

const heldPlacement = (request: {
  readonly caller: Caller;
  readonly hold: HeldTime;
  readonly answers: IntakeAnswers;
  readonly key: RequestKey | undefined;
  readonly now: Date;
}): VisitPlacement => {
  const { caller, hold } = request;
  const wanted: Wanted = {
    providerId: hold.providerId,
    visitTypeId: hold.visitTypeId,
    startsAt: hold.startsAt,
    patientId: hold.patientId,
    additional: hold.additional,
  };
  const session =
    hold.groupAppointmentId !== null && hold.groupEncounterId !== null
      ? { id: hold.groupAppointmentId, encounterId: hold.groupEncounterId }
      : newVisit();
  return {
    ...session,
    now: request.now,
    organizationId: hold.organizationId,
    actor: actorOf(caller, isDesk(caller.who) ? undefined : 'patient'),
    action: 'appointment.book',
    people: peopleOf(wanted, hold.visitType, hold.groupAppointmentId === null ? undefined : []),
    judged: [],
    providerId: hold.providerId,
    visitTypeId: hold.visitTypeId,
    patientId: hold.patientId,
    groupAppointmentId: hold.groupAppointmentId ?? undefined,
    startsAt: hold.startsAt,
    endsAt: hold.endsAt,
    providerDate: hold.providerDate,
    patientRegion: hold.patientRegion ?? undefined,
    payerId: hold.payerId ?? undefined,
    capped: false,
    madeBy: caller.who.personId,
    seats: hold.visitType.seats,
    answers: request.answers,
    holdId: hold.id,
    token: hold.token,
    key: request.key,
  };
};

/** A visit that was placed a moment ago, as a query would find it. */
const rowOf = (placement: VisitPlacement, judged: Judged, facts: BookingFacts): AppointmentRow => {
  const { visitType } = judged;
  const known = new Map<PersonId, { displayName: string; timeZone: string }>(
    facts.providers.map((one) => [one.id, one]),
  );
  const toPerson = ({ id, role }: VisitPlacement['people'][number]) => {
    const { displayName, timeZone } = known.get(id) ?? { displayName: facts.patient?.displayName ?? '', timeZone: '' };
    return { id, role, displayName, timeZone };
  };
  return {
    id: placement.id,
    organizationId: placement.organizationId,
    encounterId: placement.encounterId,
    status: 'booked',
    encounterStatus: 'planned',
    version: 1,
    startsAt: placement.startsAt,
    endsAt: placement.endsAt,
    patientId: placement.patientId ?? null,
    providerId: placement.providerId,
    seats: placement.seats,
    taken: null,
    seriesId: placement.seriesId ?? null,
    rescheduledTo: null,
    visitTypeId: visitType.id,
    visitTypeName: visitType.name,
    modality: visitType.modality,
    durationMinutes: visitType.durationMinutes,
    cancelNoticeMinutes: visitType.cancelNoticeMinutes,
    earlyEntryMinutes: visitType.earlyEntryMinutes,
    lateEntryMinutes: visitType.lateEntryMinutes,
    people: placement.people.map(toPerson),
  };
};
