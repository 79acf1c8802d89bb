import { sql } from 'kysely';
import type { Db, Tx } from '../db/database.ts';
import { sha256 } from '../secrets.ts';
import { SIGN_IN_ATTEMPT_MS } from './session-model.ts';

const ISSUER_LOCK = 6;

/** What an issuer ends: one of its sessions, or all of a person's there. */
interface Ended {
  readonly issuer: string;
  readonly subject: string | undefined;
  readonly issuerSession: string | undefined;
}

/** What an issuer vouched for in a sign-in. */
interface Vouched {
  readonly issuer: string;
  readonly subject: string;
  readonly issuerSession: string | undefined;
}

const hashOf = (subject: string | undefined, issuerSession: string | undefined): string =>
  sha256(JSON.stringify([subject ?? null, issuerSession ?? null]));

const presenterOf = (issuer: string): string => `ended:${issuer}`;

/** Every end that would be this sign-in's too: a logout token names a subject, a session, or a subject's session. */
const hashesOf = ({ subject, issuerSession }: Vouched): string[] => [
  hashOf(subject, undefined),
  ...(issuerSession === undefined ? [] : [hashOf(undefined, issuerSession), hashOf(subject, issuerSession)]),
];

/**
 * Keeps in mind what an issuer ended, until every sign-in that was begun before is over. Waits for those of the same
 * person that are being finished, so that their sessions are there to be ended.
 */
export const rememberEnd = async (tx: Tx, ended: Ended, at: Date): Promise<void> => {
  const presenter = presenterOf(ended.issuer);
  const idHash = hashOf(ended.subject, ended.issuerSession);
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${presenter} || ${idHash}, ${ISSUER_LOCK}))`.execute(tx.db);
  await tx.db
    .insertInto('spentTokens')
    .values({ organizationId: null, presenter, idHash, expiresAt: new Date(at.getTime() + SIGN_IN_ATTEMPT_MS) })
    .onConflict((conflict) =>
      conflict
        .columns(['presenter', 'idHash'])
        .doUpdateSet({ expiresAt: sql`greatest(spent_tokens.expires_at, excluded.expires_at)` }),
    )
    .execute();
};

/**
 * Whether the issuer ended what it vouched for after the sign-in was begun. An end that is being written is waited for,
 * and one that comes from here on waits for this transaction: neither misses the other. Asked first in a transaction,
 * before it holds anything that an end may want.
 */
export const wasEndedSince = async (tx: Tx, vouched: Vouched, begunAt: Date): Promise<boolean> => {
  const presenter = presenterOf(vouched.issuer);
  const hashes = hashesOf(vouched);
  await sql`
    SELECT pg_advisory_xact_lock_shared(hashtextextended(${presenter} || hash, ${ISSUER_LOCK}))
    FROM unnest(${hashes}::text[]) AS hash`.execute(tx.db);
  return isRemembered(tx.db, { presenter, hashes, begunAt });
};

const isRemembered = async (
  db: Db,
  which: { presenter: string; hashes: readonly string[]; begunAt: Date },
): Promise<boolean> => {
  const row = await db
    .selectFrom('spentTokens')
    .select('idHash')
    .where('presenter', '=', which.presenter)
    .where('idHash', 'in', which.hashes)
    // An end is kept as long as a sign-in of its moment may take: one that outlasts this sign-in came after its begin.
    .where('expiresAt', '>=', new Date(which.begunAt.getTime() + SIGN_IN_ATTEMPT_MS))
    .executeTakeFirst();
  return row !== undefined;
};
