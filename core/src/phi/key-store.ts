import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { MAX_VERSION } from './envelope.ts';
import type { Owner } from './owner.ts';

export interface WrappedKey {
  readonly version: number;
  /** Null both: the key was destroyed. */
  readonly kekId: string | null;
  readonly wrapped: Buffer | null;
  /** Made in the transaction under way: as long as that has not committed, nobody else may come to rely on it. */
  readonly isOurs: boolean;
}

const columnOf = (owner: Owner) => (owner.kind === 'person' ? 'personId' : 'encounterId');

const selectKeys = (db: Db, owner: Owner) =>
  db
    .selectFrom('dataKeys')
    .where('organizationId', '=', owner.organizationId)
    .where(columnOf(owner), '=', owner.id as never)
    .select([
      'version',
      'kekId',
      'wrapped',
      sql<boolean>`coalesce(xmin = pg_current_xact_id_if_assigned()::xid, false)`.as('isOurs'),
    ]);

export const findKey = (db: Db, owner: Owner, version: number): Promise<WrappedKey | undefined> =>
  selectKeys(db, owner).where('version', '=', version).executeTakeFirst();

/** The one that seals: the latest. */
export const findLatestKey = (db: Db, owner: Owner): Promise<WrappedKey | undefined> =>
  selectKeys(db, owner).where('version', '<=', MAX_VERSION).orderBy('version', 'desc').limit(1).executeTakeFirst();

/** Keeps the key, unless another has come to be the owner's of that version meanwhile. */
export const insertKey = async (
  db: Db,
  key: {
    readonly owner: Owner;
    readonly version: number;
    readonly kekId: string;
    readonly wrapped: Buffer;
    readonly madeAt: Date;
  },
): Promise<void> => {
  const { owner, ...columns } = key;
  await db
    .insertInto('dataKeys')
    .values({
      ...columns,
      organizationId: owner.organizationId,
      personId: owner.kind === 'person' ? owner.id : null,
      encounterId: owner.kind === 'visit' ? owner.id : null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
};

/** The KEK that wraps what is made now. Inside a transaction it cannot be deleted until that ends. */
export const findActiveKek = async (db: Db): Promise<string | undefined> => {
  const { rows } = await sql<{ id: string | null }>`SELECT active_kek() AS id`.execute(db);
  return rows[0]?.id ?? undefined;
};

/** The first KEK of a database. Whoever comes second keeps what is there. */
export const registerFirstKek = async (db: Db, id: string, madeAt: Date): Promise<void> => {
  await sql`SELECT register_first_kek(${id}, ${madeAt})`.execute(db);
};
