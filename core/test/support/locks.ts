import type { EncounterId, PersonId } from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../../src/db/database.ts';
import type { Clinic } from './clinic.ts';

/** Keeps what `lock` locks from everybody; answers the way to let it go. */
const hold = async (clinic: Clinic, lock: (db: Db) => Promise<unknown>): Promise<() => Promise<void>> => {
  const locked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const held = clinic.database.transaction(async ({ db }) => {
    await lock(db);
    locked.resolve();
    await released.promise;
  });
  await locked.promise;
  return async () => {
    released.resolve();
    await held;
  };
};

/** Locks a visit from outside. */
export const holdVisit = (clinic: Clinic, encounterId: EncounterId) =>
  hold(clinic, (db) => db.selectFrom('encounters').select('id').where('id', '=', encounterId).forUpdate().execute());

/** Locks a person from outside: nothing that refers to them is written meanwhile. */
export const holdPerson = (clinic: Clinic, personId: PersonId) =>
  hold(clinic, (db) => db.selectFrom('people').select('id').where('id', '=', personId).forUpdate().execute());

/** Locks somebody's sessions from outside. */
export const holdSessions = (clinic: Clinic, personId: PersonId) =>
  hold(clinic, (db) =>
    db.selectFrom('sessions').select('idHash').where('personId', '=', personId).forUpdate().execute(),
  );

/** Asks the server until so many of the database's connections wait for a lock. */
export const untilWaiting = async (clinic: Pick<Clinic, 'database'>, count: number): Promise<void> => {
  for (;;) {
    const { rows } = await sql<{ waiting: number }>`
      SELECT count(*)::int AS waiting FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(clinic.database.db);
    if ((rows[0]?.waiting ?? 0) >= count) return;
  }
};
