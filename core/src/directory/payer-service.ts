import { AppError, PayerId, type PayerSettings } from '@bedside/protocol';
import { audit } from '../audit/audit.ts';
import { actorOf, type Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import type { Db, Tx } from '../db/database.ts';
import { earlierResource, keepResource, requestKey } from '../scheduling/idempotency.ts';
import { PAYERS_MAX } from './house-rules-store.ts';

/** Who may pay for visits, as administrators keep it. What is booked keeps its payer. */
export class Payers {
  readonly #context: CoreContext;

  constructor(context: CoreContext) {
    this.#context = context;
  }

  /** All there are, those that cannot be named any more too. */
  list(caller: Caller): Promise<(PayerSettings & { id: PayerId })[]> {
    return this.#context.database
      .as(caller)
      .db.selectFrom('payers')
      .where('organizationId', '=', caller.who.organizationId)
      .select(['id', 'name', 'isActive'])
      .orderBy('name')
      .orderBy('id')
      .limit(PAYERS_MAX)
      .execute();
  }

  /** Answers the new payer's id; the same key again, the id that it made. Errors: `bad_request`, `idempotency_conflict`. */
  async create(
    caller: Caller,
    id: PayerId,
    { settings, idempotencyKey }: { settings: PayerSettings; idempotencyKey: string | undefined },
  ): Promise<PayerId> {
    const { organizationId } = caller.who;
    const key = requestKey(caller, idempotencyKey, { operation: 'payer', body: settings });
    return this.#context.database.as(caller).transaction(async (tx) => {
      const earlier = await earlierResource(tx.db, key, { organizationId, now: nowOf(this.#context) });
      if (earlier !== undefined) return PayerId.parse(earlier);
      await requireRoom(tx.db, caller);
      // Set-up names payers by a key of its own; one made here is known by its id.
      await tx.db
        .insertInto('payers')
        .values({ id, organizationId, key: id, ...settings })
        .execute();
      await this.#audit(tx, caller, id);
      await keepResource(tx.db, key, id);
      return id;
    });
  }

  /** Errors: `not_found`. */
  async replace(caller: Caller, id: PayerId, settings: PayerSettings): Promise<void> {
    await this.#context.database.as(caller).transaction(async (tx) => {
      const changed = await tx.db
        .updateTable('payers')
        .set(settings)
        .where('id', '=', id)
        .where('organizationId', '=', caller.who.organizationId)
        .executeTakeFirst();
      if (changed.numUpdatedRows === 0n) throw new AppError('not_found');
      await this.#audit(tx, caller, id);
    });
  }

  #audit(tx: Tx, caller: Caller, id: PayerId): Promise<void> {
    return audit(tx.db, {
      at: nowOf(this.#context),
      actor: actorOf(caller, 'admin'),
      action: 'rules.write',
      resource: { type: 'payer', id },
    });
  }
}

const requireRoom = async (db: Db, caller: Caller): Promise<void> => {
  const { organizationId } = caller.who;
  // Two who add one at once add one after the other.
  await db.selectFrom('organizations').where('id', '=', organizationId).select('id').forNoKeyUpdate().execute();
  const { count } = await db
    .selectFrom('payers')
    .where('organizationId', '=', organizationId)
    .select((select) => select.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  if (Number(count) >= PAYERS_MAX)
    throw new AppError('bad_request', { detail: `name: there are ${PAYERS_MAX} payers; change one.` });
};
