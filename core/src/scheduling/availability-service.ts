import {
  AppError,
  type Availability,
  type AvailabilityChange,
  type PersonId,
  type TimeOff,
  type TimeOffRequest,
} from '@bedside/protocol';
import { audit } from '../audit/audit.ts';
import { actorOf, type Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import { requireProvider } from '../directory/provider-access.ts';
import { requireVisitTypes } from '../directory/visit-type-store.ts';
import { requireTimeZone, ruleRowOf, toRule } from './availability-rules.ts';
import { replaceRules, rulesOf, type TimeOffRow, timeOffOf } from './availability-store.ts';
import { earlierResource, keepResource, requestKey } from './idempotency.ts';
import { lockProvider, providerChanged } from './provider-change.ts';

/** Nobody is off for longer than this in one piece. */
const TIME_OFF_MAX_MS = 366 * 24 * 60 * 60_000;
/** Pieces of time off that are not over, per provider. */
const TIME_OFF_MAX = 200;

const toTimeOff = (row: TimeOffRow & { id: string }): TimeOff => ({
  id: row.id,
  startsAt: row.startsAt.toISOString(),
  endsAt: row.endsAt.toISOString(),
  label: row.label,
});

/** Providers' own time: when they can be booked. For the provider, and for staff who keep calendars. */
export class Availabilities {
  readonly #context: CoreContext;

  constructor(context: CoreContext) {
    this.#context = context;
  }

  /** Errors: `not_found`. */
  async read(caller: Caller, providerId: PersonId): Promise<Availability> {
    const { db } = this.#context.database.as(caller);
    const provider = await requireProvider(this.#context, { caller, action: 'availability.read', providerId });
    const [rules, timeOff] = [await rulesOf(db, [providerId]), await timeOffOf(db, [providerId], nowOf(this.#context))];
    return {
      providerId,
      timeZone: provider.timeZone,
      version: provider.version,
      rules: rules.map(toRule),
      timeOff: timeOff.map(toTimeOff),
    };
  }

  /** Replaces rules and zone; what is booked stays. Errors: `bad_request`, `not_found`, `version_conflict`. */
  async replace(caller: Caller, providerId: PersonId, change: AvailabilityChange): Promise<Availability> {
    const { organizationId } = caller.who;
    await requireProvider(this.#context, { caller, action: 'availability.write', providerId });
    requireTimeZone(change.timeZone);
    const rules = change.rules.map(ruleRowOf);
    await this.#context.database.as(caller).transaction(async (tx) => {
      const { version } = await lockProvider(tx.db, { organizationId, providerId });
      if (version !== change.version) throw new AppError('version_conflict');
      await requireVisitTypes(
        tx.db,
        organizationId,
        rules.map((rule, index) => ({ field: `rules.${index}.visitTypeIds`, ids: rule.visitTypeIds })),
      );
      await tx.db.updateTable('people').set({ timeZone: change.timeZone }).where('id', '=', providerId).execute();
      await replaceRules(tx.db, { organizationId, providerId }, rules);
      await providerChanged(this.#context, tx, { organizationId, providerId });
      await audit(tx.db, {
        at: nowOf(this.#context),
        actor: actorOf(caller),
        action: 'availability.write',
        resource: { type: 'provider', id: providerId },
      });
    });
    return this.read(caller, providerId);
  }

  /** Errors: `bad_request`, `not_found`, `idempotency_conflict`. */
  async addTimeOff(
    caller: Caller,
    providerId: PersonId,
    { request, idempotencyKey }: { readonly request: TimeOffRequest; readonly idempotencyKey: string | undefined },
  ): Promise<TimeOff> {
    const { organizationId } = caller.who;
    const key = requestKey(caller, idempotencyKey, { operation: `time-off ${providerId}`, body: request });
    await requireProvider(this.#context, { caller, action: 'availability.write', providerId });
    const now = nowOf(this.#context);
    const [startsAt, endsAt] = [new Date(request.startsAt), new Date(request.endsAt)];
    if (endsAt <= startsAt) throw new AppError('bad_request', { detail: 'endsAt: must be later than startsAt.' });
    if (endsAt <= now) throw new AppError('bad_request', { detail: 'endsAt: must be in the future.' });
    if (endsAt.getTime() - startsAt.getTime() > TIME_OFF_MAX_MS)
      throw new AppError('bad_request', { detail: 'endsAt: must be at most 366 days after startsAt.' });
    return this.#context.database.as(caller).transaction(async (tx) => {
      const earlier = await earlierResource(tx.db, key, { organizationId, now });
      if (earlier !== undefined) return toTimeOff({ id: earlier, startsAt, endsAt, label: request.label });
      await lockProvider(tx.db, { organizationId, providerId });
      if ((await timeOffOf(tx.db, [providerId], now)).length >= TIME_OFF_MAX)
        throw new AppError('bad_request', { detail: `timeOff: at most ${TIME_OFF_MAX} of it can lie ahead.` });
      const { id } = await tx.db
        .insertInto('timeOff')
        .values({ organizationId, providerId, startsAt, endsAt, label: request.label })
        .returning('id')
        .executeTakeFirstOrThrow();
      await providerChanged(this.#context, tx, { organizationId, providerId });
      await audit(tx.db, {
        at: now,
        actor: actorOf(caller),
        action: 'availability.write',
        resource: { type: 'time-off', id },
      });
      await keepResource(tx.db, key, id);
      return toTimeOff({ id, startsAt, endsAt, label: request.label });
    });
  }

  /** Errors: `not_found`. */
  async removeTimeOff(caller: Caller, providerId: PersonId, timeOffId: string): Promise<void> {
    const { organizationId } = caller.who;
    await requireProvider(this.#context, { caller, action: 'availability.write', providerId });
    await this.#context.database.as(caller).transaction(async (tx) => {
      await lockProvider(tx.db, { organizationId, providerId });
      const removed = await tx.db
        .deleteFrom('timeOff')
        .where('id', '=', timeOffId)
        .where('providerId', '=', providerId)
        .executeTakeFirst();
      if (removed.numDeletedRows === 0n) throw new AppError('not_found');
      await providerChanged(this.#context, tx, { organizationId, providerId });
      await audit(tx.db, {
        at: nowOf(this.#context),
        actor: actorOf(caller),
        action: 'availability.write',
        resource: { type: 'time-off', id: timeOffId },
      });
    });
  }
}
