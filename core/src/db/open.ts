import { type Clock, ConfigError, type Logger } from '@bedside/kit';
import { sql } from 'kysely';
import type { CoreConfig } from '../config.ts';
import { migrateJobs } from '../jobs/migrate-jobs.ts';
import { APPLICATION_ROLE, applicationRoleOf } from './application-role.ts';
import { Database, OwnerDatabase } from './database.ts';
import { explainConnectionFailure } from './failures.ts';
import { loadMigrations, migrate } from './migrator.ts';

type Config = Pick<CoreConfig, 'databaseUrl' | 'migrationDatabaseUrl' | 'databasePoolSize' | 'databasePrepares'>;

const requireReachable = async (check: Promise<unknown>, variable: string): Promise<void> => {
  await check.catch((error: unknown) => {
    throw new ConfigError([explainConnectionFailure(error, variable)]);
  });
};

const migrateAsOwner = async (config: Config, log: Logger): Promise<void> => {
  const { databaseUrl, migrationDatabaseUrl } = config;
  const url = migrationDatabaseUrl ?? databaseUrl;
  const variable = migrationDatabaseUrl === undefined ? 'DATABASE_URL' : 'BEDSIDE_MIGRATION_DATABASE_URL';
  await using owner = OwnerDatabase.open({ url, poolSize: 1, prepares: false, log });
  await requireReachable(sql`SELECT 1`.execute(owner.db), variable);
  const count = await migrate(owner.db, await loadMigrations());
  if (count > 0) log.info('migrated', { count });
  await migrateJobs(url, log);
};

interface Rights {
  readonly passes: boolean;
  readonly owns: boolean;
  readonly isApplication: boolean;
}

/** The second wall is only one where whoever works behind it cannot open it. */
const requireWalls = async (database: Database): Promise<void> => {
  const { rows } = await sql<Rights>`
    SELECT role.rolsuper OR role.rolbypassrls AS passes, pg_has_role(role.oid, ${APPLICATION_ROLE}, 'USAGE') AS is_application,
      EXISTS (SELECT FROM pg_class AS relation WHERE relation.relnamespace = 'public'::regnamespace
        AND relation.relkind IN ('r', 'p') AND pg_has_role(role.oid, relation.relowner, 'USAGE')) AS owns
    FROM pg_roles AS role WHERE role.rolname = current_user`.execute(database.asSystem('metrics').db);
  const [rights] = rows;
  if (rights === undefined || rights.passes)
    throw new ConfigError([
      'DATABASE_URL: its role passes row-level security. Name one that is NOSUPERUSER and NOBYPASSRLS; docs/runbooks/database-roles.md says how to make it.',
    ]);
  if (rights.owns)
    throw new ConfigError([
      'DATABASE_URL: its role owns the tables, or may act as their owner. Name a role that is only a member of bedside_app; docs/runbooks/database-roles.md says how to make it.',
    ]);
  if (!rights.isApplication)
    throw new ConfigError(['DATABASE_URL: its role may use no table. As the owner: GRANT bedside_app TO <role>.']);
};

/**
 * Migrates as the owner of the tables, then opens the database as the application, which owns none. Errors:
 * `ConfigError` when the database cannot be used as the configuration names it, `MigrationError`.
 */
export const openWalledDatabase = async (
  config: Config,
  deps: { readonly log: Logger; readonly clock: Clock },
): Promise<Database> => {
  await migrateAsOwner(config, deps.log);
  // One URL for both: what the program does is walled in all the same, but the role could be taken off again.
  if (config.migrationDatabaseUrl === undefined) deps.log.warn('database-role-shared');
  const database = Database.open({
    url: config.databaseUrl,
    poolSize: config.databasePoolSize,
    prepares: config.databasePrepares !== false,
    role: applicationRoleOf(config),
    ...deps,
  });
  try {
    await requireReachable(sql`SELECT 1`.execute(database.asSystem('metrics').db), 'DATABASE_URL');
    await requireWalls(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
};
