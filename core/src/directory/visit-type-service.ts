import { AppError, VisitTypeId, type VisitTypeSettings } from '@bedside/protocol';
import { audit } from '../audit/audit.ts';
import { actorOf, type Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import type { Tx } from '../db/database.ts';
import { earlierResource, keepResource, requestKey } from '../scheduling/idempotency.ts';
import { requireDistinct } from './dated-rules.ts';
import { VISIT_TYPES_MAX, visitTypeColumns } from './visit-type-store.ts';

/** What can be booked, as administrators keep it. What is booked already stays as it was booked. */
export class VisitTypes {
  readonly #context: CoreContext;

  constructor(context: CoreContext) {
    this.#context = context;
  }

  /** Answers the new type's id; the same key again, the id that it made. Errors: `bad_request`, `idempotency_conflict`. */
  async create(
    caller: Caller,
    id: VisitTypeId,
    { settings, idempotencyKey }: { settings: VisitTypeSettings; idempotencyKey: string | undefined },
  ): Promise<VisitTypeId> {
    const { organizationId } = caller.who;
    requireDistinct('intakeQuestions', settings.intakeQuestions, (question) => question.id);
    const key = requestKey(caller, idempotencyKey, { operation: 'visit-type', body: settings });
    return this.#context.database.as(caller).transaction(async (tx) => {
      const earlier = await earlierResource(tx.db, key, { organizationId, now: nowOf(this.#context) });
      if (earlier !== undefined) return VisitTypeId.parse(earlier);
      const { count } = await tx.db
        .selectFrom('visitTypes')
        .where('organizationId', '=', organizationId)
        .select((select) => select.fn.countAll<string>().as('count'))
        .executeTakeFirstOrThrow();
      if (Number(count) >= VISIT_TYPES_MAX)
        throw new AppError('bad_request', { detail: `name: there are ${VISIT_TYPES_MAX} visit types; change one.` });
      // Set-up names types by a key of its own; one made here is known by its id.
      await tx.db
        .insertInto('visitTypes')
        .values({ id, organizationId, key: id, ...columnsOf(settings) })
        .execute();
      await this.#audit(tx, caller, id);
      await keepResource(tx.db, key, id);
      return id;
    });
  }

  /** Errors: `bad_request`, `not_found`. */
  async replace(caller: Caller, id: VisitTypeId, settings: VisitTypeSettings): Promise<void> {
    requireDistinct('intakeQuestions', settings.intakeQuestions, (question) => question.id);
    await this.#context.database.as(caller).transaction(async (tx) => {
      const changed = await tx.db
        .updateTable('visitTypes')
        .set(columnsOf(settings))
        .where('id', '=', id)
        .where('organizationId', '=', caller.who.organizationId)
        .executeTakeFirst();
      if (changed.numUpdatedRows === 0n) throw new AppError('not_found');
      await this.#audit(tx, caller, id);
    });
  }

  #audit(tx: Tx, caller: Caller, id: VisitTypeId): Promise<void> {
    return audit(tx.db, {
      at: nowOf(this.#context),
      actor: actorOf(caller, 'admin'),
      action: 'rules.write',
      resource: { type: 'visit-type', id },
    });
  }
}

const columnsOf = (settings: VisitTypeSettings) => ({
  ...visitTypeColumns(settings),
  stepMinutes: settings.stepMinutes ?? null,
});
