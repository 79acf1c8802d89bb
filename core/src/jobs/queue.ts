import { sql } from 'kysely';
import type { Db } from '../db/database.ts';

/**
 * Asks for a task, as part of the transaction under way: it runs once that is committed, in whichever process takes it.
 * Asked for twice with the same `key` before it began, it runs once.
 */
export const enqueue = async (
  db: Db,
  job: { readonly task: string; readonly payload: unknown; readonly key: string; readonly maxAttempts?: number },
): Promise<void> => {
  await sql`SELECT graphile_worker.add_job(${job.task}, ${JSON.stringify(job.payload)}::json, job_key := ${job.key},
    max_attempts := ${job.maxAttempts ?? 25})`.execute(db);
};

/** How late the queue is, and what it gave up. Nothing is late where there is no queue yet. */
export const jobBacklog = async (db: Db): Promise<{ oldestDueSeconds: number; givenUp: number }> => {
  const { rows } = await sql<{ oldestDueSeconds: number; givenUp: number }>`
    SELECT coalesce(extract(epoch FROM now() - min(run_at)
        FILTER (WHERE locked_at IS NULL AND attempts < max_attempts AND run_at < now())), 0)::float8 AS oldest_due_seconds,
      (count(*) FILTER (WHERE attempts >= max_attempts AND locked_at IS NULL))::int AS given_up
    FROM graphile_worker.jobs`.execute(db);
  return rows[0] ?? { oldestDueSeconds: 0, givenUp: 0 };
};

/** What a process whose listening connection bears the pool's name is called in `pg_stat_activity`. */
export const listenerName = (poolId: string): string => `bedside-${poolId}`.slice(0, 63);

/**
 * Gives back what processes took that are gone: the queue itself would wait four hours. A process is gone when nobody
 * listens under its name; a task that is still at work nevertheless runs twice, which it has to bear.
 */
export const releaseOrphans = async (db: Db, takenBeforeMs: number): Promise<void> => {
  await sql`
    SELECT graphile_worker.force_unlock_workers(array_agg(DISTINCT job.locked_by))
    FROM graphile_worker.jobs AS job
    WHERE job.locked_at < now() - ${takenBeforeMs} * interval '1 ms' AND NOT EXISTS (
      SELECT FROM pg_stat_activity AS activity
      WHERE activity.datname = current_database() AND activity.application_name = left('bedside-' || job.locked_by, 63)
    )
    HAVING count(*) > 0`.execute(db);
};
