import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { OperatorError } from '@bedside/kit';
import { sql } from 'kysely';
import type { Db } from './database.ts';

/** One forward step of the schema. Its text never changes once it is released. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** The database does not fit this program. The message says what to do. */
export class MigrationError extends OperatorError {
  override readonly name = 'MigrationError';
}

const FOLDER = new URL('./migrations/', import.meta.url);
/** Any number that no other program on the database uses for its own advisory locks. */
const LOCK = 4_907_120_001;
const MIN_SERVER_VERSION = 150_000;

/** The migrations of this release, in order: `NNNN_name.sql`. */
export const loadMigrations = async (): Promise<readonly Migration[]> => {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.sql')).sort();
  return Promise.all(
    files.map(async (file) => ({ name: file.slice(0, -4), sql: await readFile(new URL(file, FOLDER), 'utf8') })),
  );
};

export const checksumOf = (migration: Migration): string =>
  createHash('sha256').update(migration.sql.replaceAll('\r\n', '\n')).digest('hex');

interface Applied {
  readonly name: string;
  readonly checksum: string;
}

/** What is left to do. Throws `MigrationError` where what was done is not a beginning of `migrations`. */
export const pendingMigrations = (
  migrations: readonly Migration[],
  applied: readonly Applied[],
): readonly Migration[] => {
  applied.forEach((done, index) => {
    const known = migrations[index];
    if (known === undefined || known.name !== done.name) {
      throw new MigrationError(
        `The database has the migration ${done.name}, which this release does not know: it was used by a newer Bedside. Start that release, or restore a backup made before it.`,
      );
    }
    if (checksumOf(known) !== done.checksum) {
      throw new MigrationError(
        `The migration ${done.name} differs from the one that was applied to the database. Start the release that made the database, or restore the file as it was released.`,
      );
    }
  });
  return migrations.slice(applied.length);
};

/**
 * Brings the database up to `migrations`, each in a transaction of its own, and answers how many it applied. Of several
 * processes that start at once, one migrates and the others wait up to a minute.
 */
export const migrate = async (db: Db, migrations: readonly Migration[]): Promise<number> =>
  db.connection().execute(async (connection) => {
    const version = await sql<{
      version: number;
    }>`SELECT current_setting('server_version_num')::int AS version`.execute(connection);
    if ((version.rows[0]?.version ?? 0) < MIN_SERVER_VERSION) {
      throw new MigrationError('Bedside needs PostgreSQL 15 or newer. Upgrade the server of DATABASE_URL.');
    }
    await sql`SET lock_timeout = '60s'`.execute(connection);
    // Row-level security binds the owner too.
    await sql`SELECT set_config('bedside.purpose', 'migration', false)`.execute(connection);
    await sql`SELECT pg_advisory_lock(${sql.lit(LOCK)})`.execute(connection);
    try {
      await sql`CREATE TABLE IF NOT EXISTS schema_migrations (
        name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz(3) NOT NULL DEFAULT now()
      )`.execute(connection);
      const applied = await sql<Applied>`SELECT name, checksum FROM schema_migrations ORDER BY name`.execute(
        connection,
      );
      const pending = pendingMigrations(migrations, applied.rows);
      for (const migration of pending) {
        await connection.transaction().execute(async (transaction) => {
          await sql.raw(migration.sql).execute(transaction);
          await sql`INSERT INTO schema_migrations (name, checksum) VALUES (${migration.name}, ${checksumOf(migration)})`.execute(
            transaction,
          );
        });
      }
      return pending.length;
    } finally {
      await sql`SELECT pg_advisory_unlock(${sql.lit(LOCK)})`.execute(connection);
      await sql`RESET lock_timeout`.execute(connection);
      await sql`RESET bedside.purpose`.execute(connection);
    }
  });
