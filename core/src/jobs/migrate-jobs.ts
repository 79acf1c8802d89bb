import type { Logger } from '@bedside/kit';
import { runMigrations } from 'graphile-worker';
import { openJobPool } from './pool.ts';
import { workerLog } from './worker-log.ts';

/** The queue's own tables have row-level security without a policy; they hold ids of organizations and nothing else. */
const GRANTS = `
GRANT USAGE ON SCHEMA graphile_worker TO bedside_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA graphile_worker TO bedside_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA graphile_worker TO bedside_app;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA graphile_worker TO bedside_app;
DO $$
DECLARE
  relation text;
BEGIN
  FOR relation IN
    SELECT relname FROM pg_class
    WHERE relnamespace = 'graphile_worker'::regnamespace AND relkind IN ('r', 'p') AND relrowsecurity
      AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid AND polname = 'bedside_app')
  LOOP
    EXECUTE format('CREATE POLICY bedside_app ON graphile_worker.%I TO bedside_app USING (true) WITH CHECK (true)', relation);
  END LOOP;
END
$$`;
const LOCK = 4_907_120_002;

/**
 * Makes the queue's tables, which live in a schema of their own, and lets the application use them. As the owner, after
 * core's own migrations. Of several processes that start at once, all may.
 */
export const migrateJobs = async (databaseUrl: string, log: Logger): Promise<void> => {
  const pool = openJobPool(databaseUrl, log);
  try {
    await runMigrations({ pgPool: pool, logger: workerLog(log) });
    await pool.query(`BEGIN; SELECT pg_advisory_xact_lock(${LOCK}); ${GRANTS}; COMMIT`);
  } finally {
    await pool.end();
  }
};
