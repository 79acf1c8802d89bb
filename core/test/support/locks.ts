import type { EncounterId } from '@bedside/protocol';
import { sql } from 'kysely';
import type { Clinic } from './clinic.ts';

/** Locks a visit from outside; answers the way to let it go. */
export const holdVisit = async (clinic: Clinic, encounterId: EncounterId): Promise<() => Promise<void>> => {
  const locked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const held = clinic.database.transaction(async ({ db }) => {
    await db.selectFrom('encounters').select('id').where('id', '=', encounterId).forUpdate().execute();
    locked.resolve();
    await released.promise;
  });
  await locked.promise;
  return async () => {
    released.resolve();
    await held;
  };
};

/** Asks the server until so many of the database's connections wait for a lock. */
export const untilWaiting = async (clinic: Pick<Clinic, 'database'>, count: number): Promise<void> => {
  for (;;) {
    const { rows } = await sql<{ waiting: number }>`
      SELECT count(*)::int AS waiting FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(clinic.database.db);
    if ((rows[0]?.waiting ?? 0) >= count) return;
  }
};
