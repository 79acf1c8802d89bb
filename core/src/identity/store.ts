import type { AccountRole, OrganizationId, PersonId } from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { IssuerIdentity } from './issuer.ts';
import type { SessionTimes } from './session-model.ts';

export interface Account {
  readonly personId: PersonId;
  readonly organizationId: OrganizationId;
  readonly isActive: boolean;
  readonly roles: readonly AccountRole[];
}

const roles = sql<AccountRole[]>`array(SELECT role FROM account_roles WHERE person_id = people.id ORDER BY role)`.as(
  'roles',
);

export const findAccount = (db: Db, identity: IssuerIdentity): Promise<Account | undefined> =>
  db
    .selectFrom('identities')
    .innerJoin('people', 'people.id', 'identities.personId')
    .where('issuer', '=', identity.issuer)
    .where('subject', '=', identity.subject)
    .select(['people.id as personId', 'people.organizationId', 'people.isActive', roles])
    .executeTakeFirst();

export type FoundSession = SessionTimes & Account & { readonly idHash: string };

/** The sessions of these hashes, those that are unknown left out. */
export const findSessions = (db: Db, idHashes: readonly string[]): Promise<FoundSession[]> =>
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
      'seenAt',
      'expiresAt',
      'endedAt',
    ])
    .execute();

export const findSession = async (db: Db, idHash: string): Promise<FoundSession | undefined> =>
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

/** Takes a sign-in up, once: of two callbacks with the same state, one finds it. */
export const takeAttempt = (db: Db, which: { stateHash: string; browserHash: string; now: Date }) =>
  db
    .deleteFrom('signInAttempts')
    .where('stateHash', '=', which.stateHash)
    .where('browserHash', '=', which.browserHash)
    .where('expiresAt', '>', which.now)
    .returning(['nonce', 'codeVerifier', 'returnTo'])
    .executeTakeFirst();
