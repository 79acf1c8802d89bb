import { type AccessReview, type AccessReviewId, type AccessReviewSignature, AppError } from '@bedside/protocol';
import { sql } from 'kysely';
import { audit } from '../../audit/audit.ts';
import { actorOf, type Caller } from '../../caller.ts';
import { type CoreContext, nowOf } from '../../context.ts';
import type { Db } from '../../db/database.ts';
import { earlierResource, keepResource, requestKey } from '../../scheduling/idempotency.ts';
import { cursorOf, placeOf } from '../../scheduling/slot-cursor.ts';
import { findSignature, insertSignature } from './store.ts';

const PAGE = 50;

/** Access reviews that were made, for those who have to look at them. */
export class AccessReviews {
  readonly #context: CoreContext;

  constructor(context: CoreContext) {
    this.#context = context;
  }

  /** Newest first. */
  async list(caller: Caller, cursor: string | undefined): Promise<{ reviews: AccessReview[]; next?: string }> {
    const { db } = this.#context.database.as(caller);
    const { organizationId } = caller.who;
    const after = cursor === undefined ? undefined : placeOf(cursor);
    let query = db.selectFrom('accessReviews').where('organizationId', '=', organizationId).selectAll();
    if (after !== undefined)
      query = query.where(sql<boolean>`(made_at, id) < (${after.at}::timestamptz, ${after.id}::uuid)`);
    const found = await query
      .orderBy('madeAt', 'desc')
      .orderBy('id', 'desc')
      .limit(PAGE + 1)
      .execute();
    const rows = found.slice(0, PAGE);
    await audit(db, {
      at: nowOf(this.#context),
      actor: actorOf(caller),
      action: 'access-review.read',
      resource: { type: 'access-reviews' },
    });
    const signatures = await signaturesOf(
      db,
      rows.map((row) => row.id),
    );
    const last = found.length > PAGE ? rows.at(-1) : undefined;
    return {
      reviews: rows.map((row) => ({
        id: row.id,
        periodFrom: row.periodFrom.toISOString(),
        periodTo: row.periodTo.toISOString(),
        madeAt: row.madeAt.toISOString(),
        sha256: row.sha256,
        accounts: row.accounts,
        findings: row.findings,
        signatures: signatures.get(row.id) ?? [],
      })),
      ...(last === undefined ? {} : { next: cursorOf({ at: last.madeAt, id: last.id }) }),
    };
  }

  /**
   * Signed again in the same words, it stays as it was. Errors: `not_found`, `bad_request` (another file),
   * `transition_refused` (signed before in other words), `idempotency_conflict`.
   */
  async sign(
    caller: Caller,
    reviewId: AccessReviewId,
    { signature, idempotencyKey }: { signature: AccessReviewSignature; idempotencyKey: string | undefined },
  ): Promise<void> {
    const { organizationId, personId } = caller.who;
    const signedAt = nowOf(this.#context);
    const key = requestKey(caller, idempotencyKey, { operation: `access-review.sign ${reviewId}`, body: signature });
    await this.#context.database.as(caller).transaction(async ({ db }) => {
      if ((await earlierResource(db, key, { organizationId, now: signedAt })) !== undefined) return;
      const review = await db
        .selectFrom('accessReviews')
        .where('id', '=', reviewId)
        .where('organizationId', '=', organizationId)
        .select('sha256')
        .executeTakeFirst();
      if (review === undefined) throw new AppError('not_found');
      if (review.sha256 !== signature.sha256)
        throw new AppError('bad_request', { detail: 'sha256: must be that of the file which the review made.' });
      const { remark } = signature;
      if (!(await insertSignature(db, { reviewId, organizationId, signedBy: personId, remark, signedAt }))) {
        const before = await findSignature(db, { reviewId, signedBy: personId });
        if (before?.remark !== (remark ?? null)) throw new AppError('transition_refused');
        return;
      }
      await keepResource(db, key, reviewId);
      await audit(db, {
        at: signedAt,
        actor: actorOf(caller),
        action: 'access-review.sign',
        resource: { type: 'access-review', id: reviewId },
      });
    });
  }
}

const signaturesOf = async (
  db: Db,
  ids: readonly AccessReviewId[],
): Promise<Map<AccessReviewId, AccessReview['signatures']>> => {
  const signatures = new Map<AccessReviewId, AccessReview['signatures']>();
  if (ids.length === 0) return signatures;
  const rows = await db
    .selectFrom('accessReviewSignatures')
    .innerJoin('people', 'people.id', 'accessReviewSignatures.signedBy')
    .where('reviewId', 'in', ids)
    .select(['reviewId', 'people.id', 'people.displayName', 'remark', 'signedAt'])
    .orderBy('signedAt')
    .execute();
  for (const row of rows)
    signatures.set(row.reviewId, [
      ...(signatures.get(row.reviewId) ?? []),
      {
        by: { id: row.id, displayName: row.displayName },
        at: row.signedAt.toISOString(),
        ...(row.remark === null ? {} : { remark: row.remark }),
      },
    ]);
  return signatures;
};
