import type { AccountRole, OrganizationId, PersonId } from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Capacity, SessionTimes } from './session-model.ts';
import type { Proof } from './step-up.ts';

export interface Account {
  readonly personId: PersonId;
  readonly organizationId: OrganizationId;
  readonly isActive: boolean;
  readonly roles: readonly AccountRole[];
}

export interface SessionRow extends Account, SessionTimes, Proof {
  readonly idHash: string;
  readonly id: string;
  readonly capacity: Capacity;
  readonly issuer: string | null;
}

const roles = sql<AccountRole[]>`array(SELECT role FROM account_roles WHERE person_id = people.id ORDER BY role)`.as(
  'roles',
);

export const findAccount = (
  db: Db,
  identity: { readonly issuer: string; readonly subject: string },
): Promise<Account | undefined> =>
  db
    .selectFrom('identities')
    .innerJoin('people', 'people.id', 'identities.personId')
    .where('issuer', '=', identity.issuer)
    .where('subject', '=', identity.subject)
    .select(['people.id as personId', 'people.organizationId', 'people.isActive', roles])
    .executeTakeFirst();

/** The sessions of these hashes, those that are unknown left out. */
export const findSessions = (db: Db, idHashes: readonly string[]): Promise<SessionRow[]> =>
  db
    .selectFrom('sessions')
    .innerJoin('people', 'people.id', 'sessions.personId')
    .where('idHash', '=', sql<string>`ANY (${idHashes}::text[])`)
    .select([
      'idHash',
      'people.id as personId',
      'people.organizationId',
      'people.isActive',
      roles,
      'sessions.id',
      'seenAt',
      'expiresAt',
      'endedAt',
      'capacity',
      'issuer',
      'authenticatedAt',
      'acr',
      'passkeyAt',
    ])
    .execute();

export const findSession = async (db: Db, idHash: string): Promise<SessionRow | undefined> =>
  (await findSessions(db, [idHash]))[0];

/**
 * Writes down that a session was used. Nobody waits for the disk: what a crash takes with it makes a session look a
 * little more idle than it was, never less.
 */
export const touchSession = async (db: Db, idHash: string, now: Date): Promise<void> => {
  await sql`
    WITH unhurried AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
    UPDATE sessions SET seen_at = ${now} FROM unhurried WHERE id_hash = ${idHash}`.execute(db);
};

/** Sessions that ended a while ago are of no use to anybody; the audit trail tells of them. */
export const forgetOldSessions = async (db: Db, before: Date): Promise<void> => {
  await db.deleteFrom('sessions').where('expiresAt', '<', before).execute();
};

export const forgetOldAttempts = async (db: Db, now: Date): Promise<void> => {
  await db.deleteFrom('signInAttempts').where('expiresAt', '<', now).execute();
};

/** Takes a sign-in up, once: of two callbacks with the same state, one finds it, and none of another issuer's. */
export const takeAttempt = (db: Db, which: { stateHash: string; browserHash: string; issuerId: string; now: Date }) =>
  db
    .deleteFrom('signInAttempts')
    .where('stateHash', '=', which.stateHash)
    .where('browserHash', '=', which.browserHash)
    .where('issuerId', '=', which.issuerId)
    .where('expiresAt', '>', which.now)
    .returning(['nonce', 'codeVerifier', 'returnTo', 'createdAt', 'sessionHash'])
    .executeTakeFirst();

/** Uses up a token's id; false where it was used before. It is kept until the token would be refused for its age. */
export const spend = async (
  db: Db,
  token: {
    readonly presenter: string;
    readonly idHash: string;
    readonly organizationId?: OrganizationId;
    readonly now: Date;
    readonly until: Date;
  },
): Promise<boolean> => {
  const { presenter, idHash, now, until: expiresAt } = token;
  await db.deleteFrom('spentTokens').where('expiresAt', '<', now).execute();
  const result = await db
    .insertInto('spentTokens')
    .values({ organizationId: token.organizationId ?? null, presenter, idHash, expiresAt })
    .onConflict((conflict) => conflict.columns(['presenter', 'idHash']).doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
};
