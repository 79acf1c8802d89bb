import {
  AppError,
  type Appointment,
  type AppointmentId,
  type BookRequest,
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
import { Gathering } from '../db/gathering.ts';
import { personOwner } from '../phi/owner.ts';
import { type Action, isDesk } from '../policy/policy.ts';
import { relationsOf } from '../relationships/relations-of.ts';
import { findAppointment, STAFF, toAppointment, type Viewer } from './appointment-store.ts';
import {
  type BookingFacts,
  bookingFacts,
  bookingFactsOf,
  type ProviderFacts,
  type WantedFacts,
} from './booking-facts.ts';
import { findHold } from './hold-store.ts';
import { madeByKey, requestKey } from './idempotency.ts';
import { requireAnswers } from './intake.ts';
import { dateIn, endOf, type Judge, type Judged, judge, peopleOf, type Wanted } from './judging.ts';
import { type ClearPlacement, heldPlacement, newVisit, placementOf, rowOf } from './placements.ts';
import { type Placing, placeVisit, type RequestKey, type VisitPlacement } from './placing.ts';
import { VisitPlacer } from './placing-together.ts';
import { sealAnswers } from './sealed-answers.ts';

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

/** For whom something is asked: the patient themselves, or whom their proxy or staff name. Errors: `not_found`, `forbidden`. */
export const requirePatient = async (
  context: CoreContext,
  ask: {
    readonly caller: Caller;
    readonly action: Action;
    readonly patientId: PersonId | undefined;
  },
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

/** Through whose eyes the one who books sees what they booked: whoever acts for a patient sees no more than they. */
export const viewerOf = (caller: Caller, patientId: PersonId | undefined): Viewer =>
  patientId === undefined || (isDesk(caller.who) && caller.who.personId !== patientId)
    ? STAFF
    : { kind: 'patient', personId: patientId };

/** What shares statements within an organization. */
interface Gathered {
  readonly facts: Gathering<WantedFacts, BookingFacts>;
  readonly placer: VisitPlacer;
}

/** Books: what is wanted is judged by facts of one round trip, then placed in another (ADR 0018). */
export class Bookings {
  readonly #context: CoreContext;

  readonly #gathered = new Map<OrganizationId, Gathered>();

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
    return this.bookJudged(tx, { organizationId: caller.who.organizationId, wanted, isGathered: true, ...by });
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
      /** Whether it shares its statements with others: what is no part of a transaction of the caller's. */
      readonly isGathered?: boolean;
      /** They were judged when they were given, or will be asked for later. */
      readonly answersAreKept?: boolean;
      /** Of series, which reach beyond the days that are laid out. */
      readonly openDays?: (providerId: PersonId, startsAt: Date) => ProviderFacts['days'];
    } & Pick<VisitPlacement, 'replacedId' | 'seriesId'>,
  ): Promise<Appointment> {
    const { organizationId, wanted, viewer } = request;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const now = nowOf(this.#context);
      const found = await this.facts(tx.db, { ...request, now });
      const { openDays } = request;
      const facts = openDays === undefined ? found : withDays(found, (id) => openDays(id, wanted.startsAt));
      const how: Judge = { now, byStaff: request.byStaff, horizonBinds: openDays === undefined };
      const judged = await this.#orElse(tx.db, request.key, () => judge(facts, wanted, how));
      if (typeof judged === 'string') return findAppointment(tx.db, judged, viewer);
      const placement = await this.#sealed(tx.db, placementOf({ ...request, facts, judged, now }));
      const placing = await (request.isGathered === true
        ? this.#gatheredOf(organizationId).placer.place(tx.db, placement)
        : placeVisit(tx.db, placement));
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
      readonly isGathered?: boolean | undefined;
    },
  ): Promise<BookingFacts> {
    const { wanted, replacedId } = ask;
    const asked: WantedFacts = {
      organizationId: ask.organizationId,
      visitTypeId: wanted.visitTypeId,
      providerIds: [wanted.providerId, ...wanted.additional.map(({ personId }) => personId)],
      patientId: wanted.patientId,
      payerId: wanted.payerId,
      groupAppointmentId: wanted.groupAppointmentId,
      startsAt: wanted.startsAt,
      now: ask.now,
      ...(replacedId === undefined ? {} : { replacedId }),
    };
    return ask.isGathered === true ? this.#gatheredOf(ask.organizationId).facts.ask(asked) : bookingFacts(db, asked);
  }

  /** What an organization's patients book at the same time; as many as there are organizations. */
  #gatheredOf(organizationId: OrganizationId): Gathered {
    const known = this.#gathered.get(organizationId);
    if (known !== undefined) return known;
    const { db } = this.#context.database.asSystem('booking', { organizationId });
    const facts = new Gathering<WantedFacts, BookingFacts>({
      together: (wanted) => bookingFactsOf(db, wanted),
      alone: (wanted) => bookingFacts(db, wanted),
      most: 16,
      rounds: 2,
    });
    const gathered = { facts, placer: new VisitPlacer(db) };
    this.#gathered.set(organizationId, gathered);
    return gathered;
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
      const id = earlier as AppointmentId;
      const row = await tx.db.selectFrom('appointments').select('patientId').where('id', '=', id).executeTakeFirst();
      return findAppointment(tx.db, id, viewerOf(caller, row?.patientId ?? caller.who.personId));
    }
    if (hold.madeBy !== caller.who.personId || hold.token !== token) throw new AppError('hold_unknown');
    const answers = requireAnswers(hold.visitType.intakeQuestions, request.answers);
    const held = heldPlacement({ caller, hold, answers, key, now: nowOf(this.#context) });
    const placement = await this.#sealed(tx.db, held);
    const placing = await placeVisit(tx.db, placement);
    if (placing.kind === 'placed') this.#booked(tx, hold.providerId);
    return findAppointment(tx.db, resourceOf(placing, placement.id), viewerOf(caller, hold.patientId));
  }

  /** With the answers as the database keeps them; without any, nothing is asked of anybody. */
  async #sealed(db: Db, { answers, ...placement }: ClearPlacement): Promise<VisitPlacement> {
    const { organizationId, patientId, groupAppointmentId, encounterId } = placement;
    if (patientId === undefined) return placement;
    const owner = personOwner(organizationId, patientId);
    const of =
      groupAppointmentId === undefined ? { appointmentId: placement.id } : { encounterId, personId: patientId };
    return { ...placement, answers: await sealAnswers(this.#context.phi, db, { owner, of, answers }) };
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
