import { type Clock, ConfigError, type Logger } from '@bedside/kit';
import { sql } from 'kysely';
import type { CoreConfig } from '../config.ts';
import { Database, OwnerDatabase } from './database.ts';
import { explainConnectionFailure } from './failures.ts';
import { loadMigrations, migrate } from './migrator.ts';

type Config = Pick<CoreConfig, 'databaseUrl' | 'databasePoolSize' | 'databasePrepares'>;

const migrateAsOwner = async (url: string, log: Logger): Promise<void> => {
  const owner = OwnerDatabase.open({ url, poolSize: 1, prepares: false, log });
  try {
    await sql`SELECT 1`.execute(owner.db).catch((error: unknown) => {
      throw new ConfigError([explainConnectionFailure(error)]);
    });
    const count = await migrate(owner.db, await loadMigrations());
    if (count > 0) log.info('migrated', { count });
  } finally {
    await owner.close();
  }
};

/**
 * Migrates as the owner of the tables, then opens the database as the application. Errors: `ConfigError` when the
 * database cannot be used as the configuration names it, `MigrationError`.
 */
export const openWalledDatabase = async (
  config: Config,
  deps: { readonly log: Logger; readonly clock: Clock },
): Promise<Database> => {
  await migrateAsOwner(config.databaseUrl, deps.log);
  return Database.open({
    url: config.databaseUrl,
    poolSize: config.databasePoolSize,
    prepares: config.databasePrepares !== false,
    ...deps,
  });
};
