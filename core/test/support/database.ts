import { silentLogger } from '@bedside/kit';
import { createTestDatabase, type TestDatabase } from '@bedside/ops/postgres-testing';
import { OwnerDatabase } from '../../src/db/database.ts';
import { loadMigrations, migrate } from '../../src/db/migrator.ts';
import { migrateJobs } from '../../src/jobs/migrate-jobs.ts';

export const openDatabase = (connectionString: string, poolSize = 10): OwnerDatabase =>
  OwnerDatabase.open({ url: connectionString, poolSize, log: silentLogger });

/** A migrated database of the test's own. */
export const createMigratedDatabase = (): Promise<TestDatabase> =>
  createTestDatabase({
    template: {
      name: 'core',
      prepare: async (connectionString) => {
        const database = openDatabase(connectionString, 1);
        await migrate(database.db, await loadMigrations());
        await database.close();
        await migrateJobs(connectionString, silentLogger);
      },
    },
  });
