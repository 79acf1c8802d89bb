import { AppError, type OrganizationId } from '@bedside/protocol';
import { sql } from 'kysely';
import type { Caller } from '../caller.ts';
import type { Db } from '../db/database.ts';
import { sha256 } from '../secrets.ts';
import type { RequestKey } from './placing.ts';

/** The key of a caller's request. `operation` keeps one key from answering for two kinds of request. */
export const requestKey = (
  caller: Caller,
  key: string | undefined,
  request: { readonly operation: string; readonly body: unknown },
): RequestKey | undefined =>
  key === undefined
    ? undefined
    : {
        personId: caller.who.personId,
        key,
        requestHash: sha256(`${request.operation} ${JSON.stringify(request.body)}`),
      };

/** What an earlier request with the key made, if there was one. Errors: `idempotency_conflict`. */
export const madeByKey = async (db: Db, key: RequestKey | undefined, now: Date): Promise<string | undefined> => {
  if (key === undefined) return undefined;
  const row = await db
    .selectFrom('idempotencyKeys')
    .where('personId', '=', key.personId)
    .where('key', '=', key.key)
    .select(['requestHash', 'resourceId', 'expiresAt'])
    .executeTakeFirst();
  // Not in the condition: a plan made while the table was small would read the expiries of all keys.
  if (row === undefined || row.expiresAt <= now) return undefined;
  if (row.requestHash !== key.requestHash) throw new AppError('idempotency_conflict');
  return row.resourceId ?? undefined;
};

/**
 * Claims a key for a write that is no single placement; answers what it made before, if it did. Called first in the
 * write's transaction; the same key waits here for another's end. Errors: `idempotency_conflict`.
 */
export const earlierResource = async (
  db: Db,
  key: RequestKey | undefined,
  at: { readonly organizationId: OrganizationId; readonly now: Date },
): Promise<string | undefined> => {
  if (key === undefined) return undefined;
  // A row of one's own keeps a second request with the key waiting; what it stands for is filled in at the end.
  await sql`SELECT use_key(${JSON.stringify(key)}::jsonb, ${at.organizationId}, NULL, ${at.now})`.execute(db);
  const row = await db
    .selectFrom('idempotencyKeys')
    .where('personId', '=', key.personId)
    .where('key', '=', key.key)
    .select(['requestHash', 'resourceId'])
    .executeTakeFirstOrThrow();
  if (row.requestHash !== key.requestHash) throw new AppError('idempotency_conflict');
  return row.resourceId ?? undefined;
};

/** What a request made, noted with its key. */
export const keepResource = async (db: Db, key: RequestKey | undefined, resourceId: string): Promise<void> => {
  if (key === undefined) return;
  await db
    .updateTable('idempotencyKeys')
    .set({ resourceId })
    .where('personId', '=', key.personId)
    .where('key', '=', key.key)
    .execute();
};
