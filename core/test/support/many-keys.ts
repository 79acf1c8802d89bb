import { randomBytes } from 'node:crypto';
import type { OrganizationId, PersonId } from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../../src/db/database.ts';
import { FileKek } from '../../src/phi/kek/file-kek.ts';
import { personOwner, wrapContext } from '../../src/phi/owner.ts';

const BATCH = 5_000;

/** People who have a data key each, wrapped by the newest key of the file, as if something of each had been sealed. */
export const addPeopleWithKeys = async (
  db: Db,
  options: { organizationId: OrganizationId; keyFile: string; count: number },
): Promise<void> => {
  const kek = new FileKek(options.keyFile);
  const kekId = await kek.current({ mayMake: true });
  await db
    .insertInto('keyEncryptionKeys')
    .values({ id: kekId, isActive: true, madeAt: new Date() })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  for (let from = 0; from < options.count; from += BATCH) {
    const { rows: people } = await sql<{ id: PersonId }>`
      INSERT INTO people (organization_id, key, display_name, time_zone, created_at)
      SELECT ${options.organizationId}, 'keyed-' || number, 'Keyed ' || number, 'UTC', now()
      FROM generate_series(${from + 1}::int, ${Math.min(options.count, from + BATCH)}::int) AS number
      RETURNING id`.execute(db);
    const wrapped = await Promise.all(
      people.map(({ id }) => kek.wrap(kekId, randomBytes(32), wrapContext(personOwner(options.organizationId, id), 1))),
    );
    await sql`
      INSERT INTO data_keys (organization_id, person_id, version, kek_id, wrapped, made_at)
      SELECT ${options.organizationId}, id, 1, ${kekId}, wrapped, now()
      FROM unnest(${people.map(({ id }) => id)}::uuid[], ${wrapped}::bytea[]) AS given (id, wrapped)`.execute(db);
  }
  await kek.close();
};

/** How many data keys each KEK wraps, and how many KEKs are known. */
export const keksInUse = async (db: Db): Promise<{ wraps: number[]; known: number }> => {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*)::int AS count FROM data_keys WHERE wrapped IS NOT NULL GROUP BY kek_id ORDER BY kek_id`.execute(db);
  const { rows: keks } = await sql`SELECT id FROM key_encryption_keys`.execute(db);
  return { wraps: rows.map(({ count }) => count), known: keks.length };
};
