import { AppError } from '@bedside/protocol';
import { audit, systemActor } from '../audit/audit.ts';
import { type CoreContext, nowOf } from '../context.ts';
import type { Tx } from '../db/database.ts';
import type { OutboxHandler } from '../outbox/model.ts';
import { announceOutbox } from '../outbox/outbox.ts';
import { insertOutboxEvents } from '../outbox/store.ts';
import { type BookingFacts, bookingFacts } from '../scheduling/booking-facts.ts';
import type { Holds } from '../scheduling/holds.ts';
import type { Wanted } from '../scheduling/judging.ts';
import { LAPSES_MAX, OFFER_MIN_MS, offerExpiry } from './model.ts';
import {
  type Candidate,
  candidatesFor,
  closeOffer,
  closePassedEntries,
  type FreedSlot,
  forgetOpened,
  freedByAppointments,
  freedByHolds,
  freedByOffers,
  freedByOpening,
  insertOffer,
  type LiveOffer,
  lapsesOf,
  liveOfferOf,
  lockLine,
  lockWaiting,
  overdueOffers,
} from './offer-store.ts';
import { startsToOffer } from './starts.ts';
import { lockEntry, setEntryStatus } from './store.ts';

/** Candidates read at once, and looked at for one freed time at the most. */
const PAGE = 50;
const CANDIDATES_MAX = 1_000;
/** Offers that one freed time can make: a long visit's may suit several short ones. */
const OFFERS_MAX = 8;
/** Starts tried with one candidate; one after another is taken or not theirs to have. */
const STARTS_MAX = 4;
const LAPSES_BATCH = 200;
/** A day that opens has room for many: so often as many offers as one freed time can make. */
const OPENED_ROUNDS = 20;

export interface OfferEvents {
  offerMade(): void;
  offerClosed(event: { outcome: 'accepted' | 'declined' | 'lapsed' | 'withdrawn' }): void;
}

/** Offers freed times to those who wait, in the order of the line (SPEC SCH9). */
export class Offers {
  readonly #context: CoreContext;
  readonly #holds: Holds;
  readonly #minutes: number;
  readonly #events: OfferEvents;

  constructor(options: { context: CoreContext; holds: Holds; minutes: number; events: OfferEvents }) {
    this.#context = options.context;
    this.#holds = options.holds;
    this.#minutes = options.minutes;
    this.#events = options.events;
  }

  /** Handles `appointment.cancelled` and `appointment.rescheduled`. */
  readonly onAppointments: OutboxHandler = async (events) => {
    const ids = events.map((event) => event.resourceId);
    const { db } = this.#context.database.asSystem('waitlist');
    for (const freed of await freedByAppointments(db, ids, nowOf(this.#context))) await this.offer(freed);
  };

  /** Handles `waitlist.offer-closed`. */
  readonly onOffersClosed: OutboxHandler = async (events) => {
    const ids = events.map((event) => event.resourceId);
    const { db } = this.#context.database.asSystem('waitlist');
    for (const freed of await freedByOffers(db, ids, nowOf(this.#context))) await this.offer(freed);
  };

  /** Handles `provider.opened`. A span is gone once all who fit into it have an offer. */
  readonly onOpened: OutboxHandler = async (events) => {
    const ids = events.map((event) => event.resourceId);
    const { db } = this.#context.database.asSystem('waitlist');
    const notBefore = new Date(this.#context.clock() + OFFER_MIN_MS);
    for (const opened of await freedByOpening(db, ids, notBefore))
      for (let round = 0; round < OPENED_ROUNDS; round += 1) if ((await this.offer(opened)) < OFFERS_MAX) break;
    await forgetOpened(db, ids);
  };

  /** Offers the time of holds that lapsed in between; offers of the waitlist itself lapse by `lapse`. */
  async offerLapsedHolds(lapsed: { readonly after: Date; readonly until: Date }): Promise<void> {
    const { db } = this.#context.database.asSystem('waitlist');
    for (const freed of await freedByHolds(db, lapsed)) await this.offer(freed);
  }

  /**
   * Offers what is still free of a freed time to the first in line whom it suits, and what that leaves to the next.
   * Answers how many offers were made. Done again, it finds the time taken.
   */
  offer(freed: FreedSlot): Promise<number> {
    return this.#context.database
      .asSystem('waitlist', { organizationId: freed.organizationId })
      .transaction(async (tx) => {
        const { organizationId } = freed;
        await lockLine(tx.db, organizationId);
        const now = nowOf(this.#context);
        // Whose offer is over waits again, ahead of those behind them.
        for (const overdue of await overdueOffers(tx.db, { now, limit: LAPSES_BATCH, organizationId }))
          await this.#lapseOne(tx, overdue);
        return freed.startsAt.getTime() - now.getTime() < OFFER_MIN_MS ? 0 : this.#goDownTheLine(tx, freed, now);
      });
  }

  async #goDownTheLine(tx: Tx, freed: FreedSlot, now: Date): Promise<number> {
    // Facts of a visit type, until an offer changes who is busy.
    const facts = new Map<string, BookingFacts>();
    let made = 0;
    let after = '0';
    for (let seen = 0; seen < CANDIDATES_MAX; seen += PAGE) {
      const candidates = await candidatesFor(tx.db, freed, { now, after, limit: PAGE });
      for (const candidate of candidates) {
        if (!(await this.#offerTo(tx, { candidate, freed, facts, now }))) continue;
        facts.clear();
        made += 1;
        if (made === OFFERS_MAX) return made;
      }
      if (candidates.length < PAGE) return made;
      after = candidates.at(-1)?.position ?? after;
    }
    return made;
  }

  async #offerTo(
    tx: Tx,
    what: { candidate: Candidate; freed: FreedSlot; facts: Map<string, BookingFacts>; now: Date },
  ): Promise<boolean> {
    const { candidate, freed, now } = what;
    const facts = what.facts.get(candidate.visitTypeId) ?? (await this.#factsFor(tx, what));
    what.facts.set(candidate.visitTypeId, facts);
    const wish = {
      earliestMs: candidate.earliestAt.getTime(),
      latestMs: candidate.latestAt.getTime(),
      refusedMs: new Set(candidate.refusedStarts.map((at) => at.getTime())),
    };
    const span = { startsAtMs: freed.startsAt.getTime(), endsAtMs: freed.endsAt.getTime() };
    const isSession = freed.groupAppointmentId !== null;
    const fits = wish.earliestMs <= span.startsAtMs && span.endsAtMs <= wish.latestMs;
    const starts = isSession
      ? fits && !wish.refusedMs.has(span.startsAtMs)
        ? [span.startsAtMs]
        : []
      : startsToOffer(facts, span, wish);
    if (starts.length === 0 || !(await lockWaiting(tx.db, candidate.entryId))) return false;
    for (const startMs of starts.slice(0, STARTS_MAX))
      if (await this.#keep(tx, { ...what, startsAt: new Date(startMs), now })) return true;
    return false;
  }

  #factsFor(tx: Tx, what: { candidate: Candidate; freed: FreedSlot; now: Date }): Promise<BookingFacts> {
    const { candidate, freed, now } = what;
    return bookingFacts(tx.db, {
      organizationId: freed.organizationId,
      visitTypeId: candidate.visitTypeId,
      providerIds: [freed.providerId],
      patientId: undefined,
      payerId: undefined,
      groupAppointmentId: undefined,
      startsAt: freed.startsAt,
      now,
    });
  }

  /** Takes the time for them as anybody takes a hold. False where a rule, or their own calendar, stands against it. */
  async #keep(tx: Tx, what: { candidate: Candidate; freed: FreedSlot; startsAt: Date; now: Date }): Promise<boolean> {
    const { candidate, freed, startsAt, now } = what;
    const { organizationId } = freed;
    const wanted: Wanted = {
      providerId: freed.providerId,
      visitTypeId: candidate.visitTypeId,
      startsAt,
      patientId: candidate.patientId,
      additional: [],
      groupAppointmentId: freed.groupAppointmentId ?? undefined,
      region: candidate.patientRegion ?? undefined,
      payerId: candidate.payerId ?? undefined,
    };
    const expiresAt = offerExpiry({ now, startsAt, minutes: this.#minutes, timeZone: candidate.timeZone });
    if (expiresAt.getTime() - now.getTime() < OFFER_MIN_MS) return false;
    try {
      const holdId = await this.#holds.take(tx, {
        wanted,
        organizationId,
        madeBy: candidate.patientId,
        actor: systemActor(organizationId),
        byStaff: false,
        expiresAt: () => expiresAt,
        holdsMax: undefined,
      });
      // Read with everybody's calendar locked: who had the time before let it go earlier than this.
      const madeAt = nowOf(this.#context);
      const { entryId } = candidate;
      const offerId = await insertOffer(tx.db, { organizationId, entryId, holdId, createdAt: madeAt });
      await setEntryStatus(tx.db, entryId, 'offered', madeAt);
      await audit(tx.db, {
        at: madeAt,
        actor: systemActor(organizationId),
        action: 'waitlist.offer',
        resource: { type: 'waitlist-entry', id: entryId },
        patientId: candidate.patientId,
      });
      await insertOutboxEvents(tx.db, [{ organizationId, topic: 'waitlist.offered', resourceId: offerId }], madeAt);
    } catch (error) {
      // A refusal has changed nothing. What broke a constraint has ended the transaction, and the event comes again.
      if (error instanceof AppError && error.cause === undefined) return false;
      throw error;
    }
    announceOutbox(this.#context, tx);
    tx.onCommit(() => this.#events.offerMade());
    return true;
  }

  /** Closes offers that nobody answered in time, so that they go to the next; answers how many. */
  async lapse(signal: AbortSignal): Promise<number> {
    const database = this.#context.database.asSystem('waitlist');
    await closePassedEntries(database.db, nowOf(this.#context));
    let count = 0;
    for (const overdue of await overdueOffers(database.db, { now: nowOf(this.#context), limit: LAPSES_BATCH })) {
      if (signal.aborted) break;
      if (await database.transaction((tx) => this.#lapseOne(tx, overdue))) count += 1;
    }
    return count;
  }

  /** False where it was answered in time after all. */
  async #lapseOne(tx: Tx, overdue: LiveOffer): Promise<boolean> {
    await lockEntry(tx.db, overdue.entryId);
    const now = nowOf(this.#context);
    const offer = await liveOfferOf(tx.db, overdue.entryId);
    if (offer === undefined || offer.id !== overdue.id || offer.expiresAt > now) return false;
    const { organizationId, entryId } = offer;
    await closeOffer(tx.db, offer.id, 'lapsed', now);
    const lapses = await lapsesOf(tx.db, entryId);
    await setEntryStatus(tx.db, entryId, lapses >= LAPSES_MAX ? 'lapsed' : 'waiting', now);
    await insertOutboxEvents(tx.db, [{ organizationId, topic: 'waitlist.offer-closed', resourceId: offer.id }], now);
    await audit(tx.db, {
      at: now,
      actor: systemActor(organizationId),
      action: 'waitlist.lapse',
      resource: { type: 'waitlist-entry', id: entryId },
      patientId: offer.patientId,
    });
    announceOutbox(this.#context, tx);
    tx.onCommit(() => this.#events.offerClosed({ outcome: 'lapsed' }));
    return true;
  }
}
