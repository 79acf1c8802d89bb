import {
  AppError,
  type Appointment,
  type AppointmentId,
  type IntakeAnswers,
  type PersonId,
  type WaitlistEntry,
  type WaitlistEntryId,
  type WaitlistRequest,
} from '@bedside/protocol';
import type { z } from 'zod';
import { audit } from '../audit/audit.ts';
import { bad } from '../bad-request.ts';
import { AccessDenied, actorOf, type Caller } from '../caller.ts';
import { announceDayChange, type CoreContext, nowOf } from '../context.ts';
import type { Tx } from '../db/database.ts';
import { announceOutbox } from '../outbox/outbox.ts';
import { insertOutboxEvents } from '../outbox/store.ts';
import { type Action, isDesk } from '../policy/policy.ts';
import { relationsOf } from '../relationships/relations-of.ts';
import { findAppointment } from '../scheduling/appointment-store.ts';
import { type Bookings, requirePatient, viewerOf } from '../scheduling/booking.ts';
import { earlierResource, keepResource, madeByKey, requestKey } from '../scheduling/idempotency.ts';
import { isPatientHere } from '../scheduling/patient-visits.ts';
import { lockPeople } from '../scheduling/placing.ts';
import { ENTRIES_MAX, statusAt } from './model.ts';
import { closeOffer, type LiveOffer, liveOfferOf } from './offer-store.ts';
import type { OfferEvents } from './offers.ts';
import {
  type EntryRow,
  entriesOfPatient,
  findEntry,
  insertEntry,
  lineOf,
  livePlaces,
  lockEntry,
  type NewEntry,
  placeFacts,
  setEntryStatus,
  toWaitlistEntry,
} from './store.ts';

const PAGE = 50;
const WINDOW_MAX_MS = 366 * 24 * 60 * 60_000;

export interface WaitlistPage {
  readonly entries: WaitlistEntry[];
  readonly next?: string;
}

/** Places in line: made, seen, given up, and offers answered. */
export class Waitlist {
  readonly #context: CoreContext;
  readonly #bookings: Bookings;
  readonly #events: Pick<OfferEvents, 'offerClosed'>;

  constructor(options: { context: CoreContext; bookings: Bookings; events: Pick<OfferEvents, 'offerClosed'> }) {
    this.#context = options.context;
    this.#bookings = options.bookings;
    this.#events = options.events;
  }

  /**
   * Puts the caller, or a patient whom the desk names, at the end of the line. Errors: `not_found`, `bad_request`,
   * `region_required`, `already_waiting` (for the same, or in too many lines), `idempotency_conflict`.
   */
  async join(
    caller: Caller,
    request: z.infer<typeof WaitlistRequest>,
    key: string | undefined,
  ): Promise<WaitlistEntry> {
    const now = nowOf(this.#context);
    const { organizationId } = caller.who;
    const patientId = await requirePatient(this.#context, {
      caller,
      action: 'waitlist.write',
      patientId: request.patientId,
    });
    const entry: NewEntry = {
      organizationId,
      patientId,
      visitTypeId: request.visitTypeId,
      providerId: request.providerId ?? null,
      specialty: request.specialty ?? null,
      earliestAt: new Date(request.earliestAt),
      latestAt: new Date(request.latestAt),
      patientRegion: request.region ?? null,
      payerId: request.payerId ?? null,
      madeBy: caller.who.personId,
    };
    requireWindow(entry, now);
    const used = requestKey(caller, key, { operation: 'waitlist.write', body: request });
    return this.#context.database.as(caller).transaction(async ({ db }) => {
      const earlier = await earlierResource(db, used, { organizationId, now });
      if (earlier !== undefined) return this.#read(db, earlier);
      const { patientRegion } = await requirePlace(db, entry);
      // Whoever joins in two tabs at once joins one after the other.
      await db.selectFrom('people').select('id').where('id', '=', patientId).forNoKeyUpdate().executeTakeFirst();
      const places = await livePlaces(db, patientId, now);
      const isSame = (place: (typeof places)[number]) =>
        place.visitTypeId === entry.visitTypeId &&
        place.providerId === entry.providerId &&
        place.specialty === entry.specialty;
      if (places.length >= ENTRIES_MAX || places.some(isSame)) throw new AppError('already_waiting');
      const { id } = await insertEntry(db, { ...entry, patientRegion }, now);
      await keepResource(db, used, id);
      await audit(db, this.#entryOf({ id, patientId }, { caller, action: 'waitlist.join', now }));
      return this.#read(db, id);
    });
  }

  /** A patient's own places, the latest first; for the desk the line of the organization, the first first. */
  async list(caller: Caller, cursor: string | undefined): Promise<WaitlistPage> {
    const { db } = this.#context.database.as(caller);
    const now = nowOf(this.#context);
    const { organizationId, personId } = caller.who;
    const page = { limit: PAGE + 1, after: cursor };
    const found = isDesk(caller.who)
      ? await lineOf(db, organizationId, { ...page, now })
      : await entriesOfPatient(db, { patientId: personId, organizationId }, page);
    const patientIds = [...new Set(found.slice(0, PAGE).map((row) => row.patientId))];
    const entry = { at: now, actor: actorOf(caller), action: 'waitlist.read', resource: { type: 'waitlist' } };
    await audit(db, ...(patientIds.length === 0 ? [entry] : patientIds.map((patientId) => ({ ...entry, patientId }))));
    return pageOf(found, now);
  }

  /** The places of one patient, the latest first, for them and whoever books for them. Errors: `not_found`. */
  async ofPatient(caller: Caller, patientId: PersonId, cursor: string | undefined): Promise<WaitlistPage> {
    const action = 'waitlist.ofPatient' satisfies Action;
    const { organizationId } = caller.who;
    await requirePatient(this.#context, { caller, action, patientId });
    const { db } = this.#context.database.as(caller);
    const now = nowOf(this.#context);
    const found = await entriesOfPatient(db, { patientId, organizationId }, { limit: PAGE + 1, after: cursor });
    const resource = { type: 'waitlist' };
    if (found.length === 0 && !(await isPatientHere(db, caller, patientId)))
      throw new AccessDenied({ code: 'not_found', at: now, caller, action, reason: 'no-such-patient', resource });
    await audit(db, { at: now, actor: actorOf(caller), action, resource, patientId });
    return pageOf(found, now);
  }

  /**
   * Books what is offered: the hold's claims become the visit's. Errors: `not_found`, `offer_over`, `bad_request`
   * (answers), and those of booking a hold.
   */
  async accept(
    caller: Caller,
    id: WaitlistEntryId,
    request: { readonly answers: IntakeAnswers; readonly key: string | undefined },
  ): Promise<Appointment> {
    const key = requestKey(caller, request.key, { operation: 'waitlist.accept', body: [id, request.answers] });
    return this.#change(caller, { id, action: 'waitlist.accept' }, async (tx, row, now) => {
      const earlier = await madeByKey(tx.db, key, now);
      if (earlier !== undefined)
        return findAppointment(tx.db, earlier as AppointmentId, viewerOf(caller, row.patientId));
      const { offer, holdId } = await requireOffer(tx, row, now);
      // Whoever answers for the patient books as who they are.
      const hold = await tx.db
        .updateTable('holds')
        .set({ madeBy: caller.who.personId })
        .where('id', '=', holdId)
        .returning('token')
        .executeTakeFirst();
      if (hold === undefined) throw new AppError('offer_over');
      const { token } = hold;
      const appointment = await this.#bookings.bookHeld(tx, { caller, holdId, token, answers: request.answers, key });
      await this.#close(tx, { row, offer, outcome: 'accepted', status: 'accepted', now });
      return appointment;
    });
  }

  /** Gives the offered time to the next in line, and keeps the place. Errors: `not_found`, `offer_over`. */
  decline(caller: Caller, id: WaitlistEntryId): Promise<WaitlistEntry> {
    return this.#change(caller, { id, action: 'waitlist.decline' }, async (tx, row, now) => {
      const { offer } = await requireOffer(tx, row, now);
      await this.#letGo(tx, { row, offer, now });
      await this.#close(tx, { row, offer, outcome: 'declined', status: 'waiting', now });
      return this.#read(tx.db, id);
    });
  }

  /** Gives the place up, with an offer that is there. Done again it changes nothing. Errors: `not_found`, `transition_refused`. */
  withdraw(caller: Caller, id: WaitlistEntryId): Promise<WaitlistEntry> {
    return this.#change(caller, { id, action: 'waitlist.withdraw' }, async (tx, row, now) => {
      if (row.status === 'accepted') throw new AppError('transition_refused');
      if (row.status === 'waiting' || row.status === 'offered') {
        const offer = await liveOfferOf(tx.db, id);
        if (offer !== undefined) {
          await this.#letGo(tx, { row, offer, now });
          await this.#close(tx, { row, offer, outcome: 'withdrawn', status: 'withdrawn', now });
        } else await setEntryStatus(tx.db, id, 'withdrawn', now);
      }
      return this.#read(tx.db, id);
    });
  }

  /** The one way to change a place: the policy is asked, the place is locked, the act is audited with it. */
  async #change<Result>(
    caller: Caller,
    act: { readonly id: WaitlistEntryId; readonly action: string },
    work: (tx: Tx, row: EntryRow, now: Date) => Promise<Result>,
  ): Promise<Result> {
    return this.#context.database.as(caller).transaction(async (tx) => {
      await lockEntry(tx.db, act.id);
      const row = await findEntry(tx.db, act.id);
      const now = nowOf(this.#context);
      const decision =
        row === undefined || row.organizationId !== caller.who.organizationId
          ? ({ allowed: false, code: 'not_found', reason: 'no-such-entry' } as const)
          : this.#context.policy.onPatient(
              caller.who,
              'waitlist.write' satisfies Action,
              row.patientId,
              await relationsOf(tx.db, { personId: caller.who.personId, patientIds: [row.patientId], at: now }),
            );
      if (!decision.allowed || row === undefined)
        throw new AccessDenied({
          code: decision.allowed ? 'not_found' : decision.code,
          at: now,
          caller,
          action: act.action,
          reason: decision.allowed ? 'no-such-entry' : decision.reason,
          resource: { type: 'waitlist-entry', id: act.id },
          patientId: row?.patientId,
        });
      const result = await work(tx, row, now);
      await audit(tx.db, this.#entryOf(row, { caller, action: act.action, now }));
      return result;
    });
  }

  /** The held time is free again, with the claims on everybody's calendars. */
  async #letGo(tx: Tx, what: { row: EntryRow; offer: LiveOffer; now: Date }): Promise<void> {
    const { row, offer } = what;
    if (offer.holdId === null) return;
    await lockPeople(tx.db, [offer.providerId, row.patientId]);
    await tx.db.deleteFrom('holds').where('id', '=', offer.holdId).execute();
  }

  async #close(
    tx: Tx,
    what: {
      readonly row: EntryRow;
      readonly offer: LiveOffer;
      readonly outcome: 'accepted' | 'declined' | 'withdrawn';
      readonly status: 'accepted' | 'waiting' | 'withdrawn';
      readonly now: Date;
    },
  ): Promise<void> {
    const { row, offer, outcome, now } = what;
    await closeOffer(tx.db, offer.id, outcome, now);
    await setEntryStatus(tx.db, row.id, what.status, now);
    if (outcome !== 'accepted') {
      const { organizationId } = offer;
      await insertOutboxEvents(tx.db, [{ organizationId, topic: 'waitlist.offer-closed', resourceId: offer.id }], now);
      announceOutbox(this.#context, tx);
      announceDayChange(this.#context, tx, offer.providerId);
    }
    tx.onCommit(() => this.#events.offerClosed({ outcome }));
  }

  async #read(db: Tx['db'], id: string): Promise<WaitlistEntry> {
    const row = await findEntry(db, id);
    if (row === undefined) throw new AppError('not_found');
    return toWaitlistEntry(row, nowOf(this.#context));
  }

  #entryOf(
    entry: { readonly id: WaitlistEntryId; readonly patientId: PersonId },
    act: { readonly caller: Caller; readonly action: string; readonly now: Date },
  ) {
    return {
      at: act.now,
      actor: actorOf(act.caller),
      action: act.action,
      resource: { type: 'waitlist-entry', id: entry.id },
      patientId: entry.patientId,
    };
  }
}

/** Of one row more than a page holds. */
const pageOf = (found: readonly EntryRow[], now: Date): WaitlistPage => {
  const rows = found.slice(0, PAGE);
  const next = found.length > PAGE ? rows.at(-1)?.position : undefined;
  return { entries: rows.map((row) => toWaitlistEntry(row, now)), ...(next === undefined ? {} : { next }) };
};

/** The offer that stands, and the hold behind it. Errors: `offer_over`. */
const requireOffer = async (
  tx: Tx,
  row: EntryRow,
  now: Date,
): Promise<{ offer: LiveOffer; holdId: NonNullable<LiveOffer['holdId']> }> => {
  const offer = await liveOfferOf(tx.db, row.id);
  if (statusAt(row, now) !== 'offered' || offer === undefined || offer.holdId === null)
    throw new AppError('offer_over');
  return { offer, holdId: offer.holdId };
};

const requireWindow = (entry: Pick<NewEntry, 'earliestAt' | 'latestAt'>, now: Date): void => {
  if (entry.latestAt <= entry.earliestAt) throw bad('latestAt: must be later than earliestAt.');
  if (entry.latestAt <= now) throw bad('latestAt: must lie ahead.');
  if (entry.latestAt.getTime() - now.getTime() > WINDOW_MAX_MS) throw bad('latestAt: must be within a year.');
};

/** Errors: `not_found`, `bad_request`, `region_required`. Answers the region that licences are judged by. */
const requirePlace = async (db: Tx['db'], entry: NewEntry): Promise<{ patientRegion: string | null }> => {
  const facts = await placeFacts(db, entry);
  if (!facts.patientIsKnown || !facts.visitTypeIsKnown) throw new AppError('not_found');
  if (entry.providerId !== null && !facts.providerIsKnown) throw new AppError('not_found');
  if (entry.specialty !== null && !facts.specialtyIsKnown) throw bad('specialty: is nobody’s here.');
  if (entry.payerId !== null && !facts.payerIsKnown) throw bad('payerId: must be a payer of the clinic.');
  if (entry.patientId === entry.providerId) throw bad('providerId: must be somebody else.');
  const patientRegion = entry.patientRegion ?? facts.patientRegion;
  if (facts.requiresLicense && patientRegion === null) throw new AppError('region_required');
  return { patientRegion };
};
