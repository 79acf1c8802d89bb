import type { OrganizationId } from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { isForeignKeyBroken } from '../db/failures.ts';
import type { WrapContext } from './kek/port.ts';

/** A wrapped key that another KEK is to wrap. */
export interface StaleKey {
  readonly id: string;
  readonly kekId: string;
  readonly wrapped: Buffer;
  readonly context: WrapContext;
}

/** Which table a batch is of: both hold wrapped keys, and have an id that does not change. */
export type KeyTable = 'data_keys' | 'blind_index_keys';

export const BLIND_INDEX_OWNER = 'blind-index';

export const blindIndexContext = (organizationId: OrganizationId): WrapContext => ({
  organization: organizationId,
  owner: BLIND_INDEX_OWNER,
  version: 1,
});

export const listKeks = (db: Db): Promise<{ id: string; isActive: boolean }[]> =>
  db.selectFrom('keyEncryptionKeys').select(['id', 'isActive']).orderBy('madeAt').forUpdate().execute();

export const activateKek = async (db: Db, id: string, madeAt: Date): Promise<void> => {
  await db.updateTable('keyEncryptionKeys').set({ isActive: false }).where('isActive', '=', true).execute();
  await db.insertInto('keyEncryptionKeys').values({ id, isActive: true, madeAt }).execute();
};

/** The next keys after an id that another KEK than this one wraps, by id. */
export const staleKeys = async (
  db: Db,
  ask: { readonly table: KeyTable; readonly kekId: string; readonly after: string; readonly limit: number },
): Promise<StaleKey[]> => {
  if (ask.table === 'blind_index_keys') {
    const rows = await db
      .selectFrom('blindIndexKeys')
      .where('organizationId', '>', ask.after as OrganizationId)
      .where('kekId', '<>', ask.kekId)
      .select(['organizationId', 'kekId', 'wrapped'])
      .orderBy('organizationId')
      .limit(ask.limit)
      .execute();
    return rows.map(({ organizationId, ...row }) => ({
      ...row,
      id: organizationId,
      context: blindIndexContext(organizationId),
    }));
  }
  const rows = await db
    .selectFrom('dataKeys')
    .where('id', '>', ask.after)
    .where('kekId', '<>', ask.kekId)
    .select(['id', 'organizationId', 'personId', 'encounterId', 'version', 'kekId', 'wrapped'])
    .orderBy('id')
    .limit(ask.limit)
    .execute();
  return rows.flatMap(({ id, organizationId, personId, encounterId, version, kekId, wrapped }) =>
    kekId === null || wrapped === null
      ? []
      : [
          {
            id,
            kekId,
            wrapped,
            context: {
              organization: organizationId,
              owner: personId === null ? `visit:${encounterId}` : `person:${personId}`,
              version,
            },
          },
        ],
  );
};

/** Keeps what was wrapped anew, where nobody destroyed or wrapped it meanwhile; answers how many. */
export const replaceWrapped = async (
  db: Db,
  change: {
    readonly table: KeyTable;
    readonly kekId: string;
    readonly keys: readonly (StaleKey & { readonly rewrapped: Buffer })[];
  },
): Promise<number> => {
  const { table, kekId, keys } = change;
  const id = sql.ref(table === 'data_keys' ? 'data_keys.id' : 'blind_index_keys.organization_id');
  const result = await sql`
    UPDATE ${sql.table(table)} SET kek_id = ${kekId}, wrapped = given.rewrapped
    FROM unnest(${keys.map((key) => key.id)}::uuid[], ${keys.map((key) => key.kekId)}::text[],
      ${keys.map((key) => key.rewrapped)}::bytea[]) AS given (id, kek_id, rewrapped)
    WHERE ${id} = given.id AND ${sql.ref(`${table}.kek_id`)} = given.kek_id`.execute(db);
  return Number(result.numAffectedRows ?? 0n);
};

/** Deletes the KEKs that are no longer active. False where one of them still wraps something. */
export const retireKeks = async (db: Db): Promise<boolean> => {
  try {
    await db.deleteFrom('keyEncryptionKeys').where('isActive', '=', false).execute();
    return true;
  } catch (error) {
    if (isForeignKeyBroken(error)) return false;
    throw error;
  }
};
