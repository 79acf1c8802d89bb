import { type Agreement, AgreementId, type AgreementRequest, AppError } from '@bedside/protocol';
import { audit } from '../audit/audit.ts';
import { bad } from '../bad-request.ts';
import { actorOf, type Caller, overseerRoleOf } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import type { Tx } from '../db/database.ts';
import { earlierResource, keepResource, requestKey } from '../scheduling/idempotency.ts';
import { dateIn } from '../scheduling/judging.ts';
import { AGREEMENTS_MAX, endAgreement, insertAgreement, listAgreements, timeZoneOf } from './store.ts';

/** Who may be sent what, as administrators keep it. What was recorded stays; it can be ended. */
export class Agreements {
  readonly #context: CoreContext;

  constructor(context: CoreContext) {
    this.#context = context;
  }

  /** Newest first, ended ones too. */
  async list(caller: Caller): Promise<Agreement[]> {
    const { db } = this.#context.database.as(caller);
    const { organizationId } = caller.who;
    return listAgreements(db, organizationId, await this.#today(caller));
  }

  /** Answers the new row's id; the same key again, the id that it made. Errors: `bad_request`, `idempotency_conflict`. */
  async record(
    caller: Caller,
    id: AgreementId,
    { request, idempotencyKey }: { request: AgreementRequest; idempotencyKey: string | undefined },
  ): Promise<AgreementId> {
    const { organizationId, personId } = caller.who;
    if (request.validTo !== undefined && request.validTo < request.validFrom)
      throw bad('validTo: must not be before validFrom.');
    if (new Set(request.categories).size !== request.categories.length)
      throw bad('categories: must name each category once.');
    const key = requestKey(caller, idempotencyKey, { operation: 'agreement', body: request });
    const now = nowOf(this.#context);
    return this.#context.database.as(caller).transaction(async (tx) => {
      const earlier = await earlierResource(tx.db, key, { organizationId, now });
      if (earlier !== undefined) return AgreementId.parse(earlier);
      await tx.db.selectFrom('organizations').where('id', '=', organizationId).select('id').forNoKeyUpdate().execute();
      if ((await listAgreements(tx.db, organizationId, '')).length >= AGREEMENTS_MAX)
        throw bad(`destination: there are ${AGREEMENTS_MAX} agreements.`);
      await insertAgreement(tx.db, { ...request, id, organizationId, recordedBy: personId, recordedAt: now });
      await this.#audit(tx, caller, { id, reason: request.basis });
      await keepResource(tx.db, key, id);
      return id;
    });
  }

  /** From now on nothing leaves by it; what left stays told. Errors: `not_found`. */
  async end(caller: Caller, id: AgreementId): Promise<void> {
    const { organizationId, personId } = caller.who;
    const at = nowOf(this.#context);
    await this.#context.database.as(caller).transaction(async (tx) => {
      if (!(await endAgreement(tx.db, { id, organizationId }, { by: personId, at }))) throw new AppError('not_found');
      await this.#audit(tx, caller, { id, reason: 'ended' });
    });
  }

  async #today(caller: Caller): Promise<string> {
    return dateIn(
      nowOf(this.#context),
      await timeZoneOf(this.#context.database.as(caller).db, caller.who.organizationId),
    );
  }

  #audit(tx: Tx, caller: Caller, what: { readonly id: AgreementId; readonly reason: string }): Promise<void> {
    return audit(tx.db, {
      at: nowOf(this.#context),
      actor: actorOf(caller, overseerRoleOf(caller)),
      action: 'agreement.write',
      resource: { type: 'agreement', id: what.id },
      reason: what.reason,
    });
  }
}
