import { sql } from 'kysely';
import type { Db } from '../db/database.ts';

/** Counted up to here: more are late in any case. */
const UNSEALED_MAX = 10_000;

export const lastHead = (db: Db): Promise<{ sequence: string | number; sealedAt: Date } | undefined> =>
  db.selectFrom('auditHeads').select(['sequence', 'sealedAt']).orderBy('sequence', 'desc').limit(1).executeTakeFirst();

export const countUnsealed = async (db: Db): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*)::int AS count FROM (
      SELECT FROM audit_events
      WHERE NOT EXISTS (SELECT FROM audit_seals WHERE audit_seals.event_id = audit_events.id)
      ORDER BY id DESC LIMIT ${UNSEALED_MAX}
    ) AS late`.execute(db);
  return rows[0]?.count ?? 0;
};

/** How far each collector has the heads. */
export const publications = async (db: Db): Promise<{ collector: string; heads: number }[]> => {
  const rows = await db
    .selectFrom('auditPublications')
    .select(['collector', 'sequence'])
    .orderBy('collector')
    .execute();
  return rows.map(({ collector, sequence }) => ({ collector, heads: Number(sequence) }));
};
