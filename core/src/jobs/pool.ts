import type { Logger } from '@bedside/kit';
import { Pool } from 'pg';

/** Tasks at once in a process, one connection each for their bookkeeping, and one that listens. */
export const CONCURRENCY = 2;

/**
 * Connections of the job queue's own: one of them listens for as long as the process lives, and a queue that waited
 * behind requests, or they behind it, would be late just when there is much to do. Statements of the queue are short.
 */
export const openJobPool = (databaseUrl: string, log: Logger, role?: string): Pool => {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: CONCURRENCY + 1,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 15_000,
    application_name: 'bedside-jobs',
    ...(role === undefined ? {} : { options: `-c role=${role}` }),
  });
  const onLost = (error: Error): void => {
    if (!pool.ending) log.warn('database-connection-lost', { errorName: error.name });
  };
  pool.on('error', onLost);
  pool.on('connect', (client) => client.on('error', onLost));
  return pool;
};
