import { randomUUID } from 'node:crypto';
import { AppError, HOLD_MINUTES, HOLDS_MAX, type Hold, HoldId, type HoldRequest } from '@bedside/protocol';
import { audit } from '../audit/audit.ts';
import { actorOf, type Caller } from '../caller.ts';
import { announceDayChange, type CoreContext, nowOf } from '../context.ts';
import type { Db, Tx } from '../db/database.ts';
import { isDesk } from '../policy/policy.ts';
import { type Bookings, onPool, requirePatient, wantedOf } from './booking.ts';
import { findHold, type HeldTime, liveHoldsOf, toHold } from './hold-store.ts';
import { madeByKey, requestKey } from './idempotency.ts';
import { judge, type Wanted } from './judging.ts';
import { type HoldPlacement, lockPeople, placeHold, type RequestKey } from './placing.ts';

const HOLD_MS = HOLD_MINUTES * 60_000;
/** Who books for many holds for many. */
const DESK_HOLDS_MAX = 20;
const ATTEMPTS = 3;

interface HoldTake {
  readonly wanted: Wanted;
  readonly organizationId: HoldPlacement['organizationId'];
  readonly madeBy: HoldPlacement['madeBy'];
  readonly actor: HoldPlacement['actor'];
  readonly byStaff: boolean;
  readonly expiresAt: (now: Date) => Date;
  readonly holdsMax: number | undefined;
  readonly key?: RequestKey | undefined;
}

/** Times kept for somebody while they fill in intake. */
export class Holds {
  readonly #context: CoreContext;
  readonly #bookings: Bookings;

  constructor(context: CoreContext, bookings: Bookings) {
    this.#context = context;
    this.#bookings = bookings;
  }

  /**
   * Keeps a free time for 10 minutes. Errors: those of `judge`, `slot_taken`, `patient_busy`, `day_full`,
   * `session_full`, `too_many_holds`, `idempotency_conflict`, `unavailable`.
   */
  async make(caller: Caller, request: HoldRequest, idempotencyKey: string | undefined): Promise<Hold> {
    const patientId = await requirePatient(this.#context, {
      caller,
      action: 'hold.make',
      patientId: request.patientId,
    });
    const byStaff = isDesk(caller.who);
    const tx = onPool(this.#context.database.as(caller).db);
    const id = await this.take(tx, {
      wanted: wantedOf(request, patientId),
      organizationId: caller.who.organizationId,
      madeBy: caller.who.personId,
      actor: actorOf(caller, byStaff ? undefined : 'patient'),
      byStaff,
      expiresAt: (now) => new Date(now.getTime() + HOLD_MS),
      holdsMax: byStaff ? DESK_HOLDS_MAX : HOLDS_MAX,
      key: requestKey(caller, idempotencyKey, { operation: 'hold.make', body: request }),
    });
    const hold = await findHold(tx.db, id);
    // The same request came again, and what it held was let go or booked meanwhile.
    if (hold === undefined) throw new AppError('hold_over');
    return toHold(hold);
  }

  /** Judges and takes a time as a hold; in a transaction of the caller's, or as one of its own. Errors as of `make`. */
  async take(tx: Pick<Tx, 'onCommit'> & { readonly db: Db }, take: HoldTake): Promise<HoldId> {
    const { wanted, organizationId, key } = take;
    const { patientId } = wanted;
    if (patientId === undefined) throw new AppError('not_found');
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const now = nowOf(this.#context);
      const facts = await this.#bookings.facts(tx.db, { organizationId, wanted, now });
      const earlier = await madeByKey(tx.db, key, now);
      if (earlier !== undefined) return earlier as HoldId;
      const judged = judge(facts, wanted, { now, byStaff: take.byStaff, horizonBinds: true });
      const id = HoldId.parse(randomUUID());
      const placing = await placeHold(tx.db, {
        id,
        token: randomUUID(),
        now,
        organizationId,
        actor: take.actor,
        action: 'hold.make',
        people: judged.people,
        judged: judged.judged,
        providerId: wanted.providerId,
        visitTypeId: wanted.visitTypeId,
        patientId,
        additional: wanted.additional,
        groupAppointmentId: wanted.groupAppointmentId,
        startsAt: wanted.startsAt,
        endsAt: judged.endsAt,
        providerDate: judged.providerDate,
        patientRegion: judged.patientRegion,
        payerId: wanted.payerId,
        capped: true,
        madeBy: take.madeBy,
        expiresAt: take.expiresAt(now),
        holdsMax: take.holdsMax,
        key,
      });
      if (placing.kind === 'changed') continue;
      if (placing.kind === 'refused') throw new AppError(placing.code);
      if (placing.kind === 'replayed') return placing.id as HoldId;
      announceDayChange(this.#context, tx, wanted.providerId);
      return id;
    }
    throw new AppError('unavailable');
  }

  /** The caller's own holds that are not over. */
  async list(caller: Caller): Promise<Hold[]> {
    const { db } = this.#context.database.as(caller);
    const now = nowOf(this.#context);
    const holds = await liveHoldsOf(db, caller.who.personId, { now, limit: DESK_HOLDS_MAX });
    const entry = { at: now, actor: actorOf(caller), action: 'hold.read', resource: { type: 'holds' } };
    const patientIds = [...new Set(holds.map((hold) => hold.patientId))];
    await audit(db, ...(patientIds.length === 0 ? [entry] : patientIds.map((patientId) => ({ ...entry, patientId }))));
    return holds.map(toHold);
  }

  /** Prolongs a hold by its length, once. Errors: `hold_unknown`, `hold_over`, `hold_extended`. */
  extend(caller: Caller, id: HoldId, token: string): Promise<Hold> {
    return this.#change(caller, { id, token, action: 'hold.extend' }, async ({ db }, hold) => {
      if (hold.extended) throw new AppError('hold_extended');
      const expiresAt = new Date(hold.expiresAt.getTime() + HOLD_MS);
      await db.updateTable('holds').set({ expiresAt, extended: true }).where('id', '=', id).execute();
      await db.updateTable('calendarClaims').set({ expiresAt }).where('holdId', '=', id).execute();
      return toHold({ ...hold, expiresAt, extended: true });
    });
  }

  /** Lets a held time go. Errors: `hold_unknown`, `hold_over`. */
  async release(caller: Caller, id: HoldId, token: string): Promise<void> {
    await this.#change(caller, { id, token, action: 'hold.release' }, async (tx, hold) => {
      await tx.db.deleteFrom('holds').where('id', '=', id).execute();
      announceDayChange(this.#context, tx, hold.providerId);
    });
  }

  async #change<Result>(
    caller: Caller,
    which: { readonly id: HoldId; readonly token: string; readonly action: string },
    work: (tx: Tx, hold: HeldTime) => Promise<Result>,
  ): Promise<Result> {
    const known = await findHold(this.#context.database.as(caller).db, which.id);
    if (known === undefined || known.madeBy !== caller.who.personId || known.token !== which.token)
      throw new AppError('hold_unknown');
    return this.#context.database.as(caller).transaction(async (tx) => {
      await lockPeople(tx.db, [known.providerId, known.patientId, ...known.additional.map(({ personId }) => personId)]);
      const hold = await findHold(tx.db, which.id);
      const now = nowOf(this.#context);
      if (hold === undefined) throw new AppError('hold_unknown');
      if (hold.expiresAt <= now) throw new AppError('hold_over');
      const result = await work(tx, hold);
      await audit(tx.db, {
        at: now,
        actor: actorOf(caller),
        action: which.action,
        resource: { type: 'hold', id: which.id },
        patientId: hold.patientId,
      });
      return result;
    });
  }
}
