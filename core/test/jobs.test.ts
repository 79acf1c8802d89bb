import { silentLogger } from '@bedside/kit';
import { unhurriedMs } from '@bedside/kit/pace';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { OwnerDatabase } from '../src/db/database.ts';
import { enqueue, jobBacklog, releaseOrphans } from '../src/jobs/queue.ts';
import { JobRunner } from '../src/jobs/runner.ts';
import { defineTask, type Task } from '../src/jobs/task.ts';
import { type Clinic, MINUTE_MS, START, startClinic, startVisit } from './support/clinic.ts';
import { createMigratedDatabase, openDatabase } from './support/database.ts';
import { until } from './support/queue.ts';

const task = (name: string, run: (payload: { id: number }, signal: AbortSignal) => Promise<void>): Task =>
  defineTask({ name, payload: z.object({ id: z.number() }), cron: undefined, maxAttempts: 25, run });

describe('tasks', () => {
  let stack: AsyncDisposableStack;
  let url: string;
  let database: OwnerDatabase;
  let done: { task: string; error?: unknown }[];
  beforeEach(async () => {
    stack = new AsyncDisposableStack();
    url = stack.use(await createMigratedDatabase()).connectionString;
    database = openDatabase(url, 3);
    stack.defer(() => database.close());
    done = [];
  });
  afterEach(() => stack.disposeAsync());

  const start = async (...tasks: Task[]): Promise<JobRunner> =>
    stack.use(
      await JobRunner.start({
        databaseUrl: url,
        role: undefined,
        tasks,
        log: silentLogger,
        random: () => 0.5,
        onDone: (event) => void done.push(event),
      }),
    );
  const queued = async () =>
    (
      await sql<{ attempts: number; lastError: string | null; lockedBy: string | null }>`
        SELECT attempts, last_error, locked_by FROM graphile_worker.jobs`.execute(database.db)
    ).rows;
  const untilEmpty = () => until(async () => ((await queued()).length === 0 ? true : undefined));

  it('run once the transaction that asked for them is committed, and not at all without that', async () => {
    const seen: number[] = [];
    await start(task('note', async ({ id }) => void seen.push(id)));
    const undone = database.transaction(async ({ db }) => {
      await enqueue(db, { task: 'note', payload: { id: 1 }, key: 'one' });
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await database.transaction(async ({ db }) => {
      await enqueue(db, { task: 'note', payload: { id: 2 }, key: 'two' });
      await enqueue(db, { task: 'note', payload: { id: 3 }, key: 'two' });
    });
    await untilEmpty();
    expect(seen).toEqual([3]);
  });

  it('are shared by several processes, each run by one', async () => {
    const seen: number[] = [];
    const note = task('note', async ({ id }) => void seen.push(id));
    await Promise.all([start(note), start(note), start(note)]);
    for (let id = 0; id < 30; id += 1) await enqueue(database.db, { task: 'note', payload: { id }, key: `key-${id}` });
    await untilEmpty();
    expect(seen.sort((one, other) => one - other)).toEqual(Array.from({ length: 30 }, (_, id) => id));
  });

  it('leave nothing of an error’s text behind', async () => {
    await start(
      task('fail', async () => {
        throw new Error('Pat has a rash');
      }),
    );
    await enqueue(database.db, { task: 'fail', payload: { id: 1 }, key: 'fail', maxAttempts: 1 });
    const job = await until(async () => (await queued()).find(({ lastError }) => lastError !== null));
    expect(job.lastError).toBe('fail failed');
    expect(done).toMatchObject([{ task: 'fail', error: { message: 'Pat has a rash' } }]);
    expect(await jobBacklog(database.db)).toMatchObject({ givenUp: 1 });
  });

  it('are told to end when the process closes, and come again elsewhere', async () => {
    const begun = Promise.withResolvers<void>();
    const slow = task('slow', async (_payload, signal) => {
      begun.resolve();
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      signal.throwIfAborted();
    });
    const first = await start(slow);
    await enqueue(database.db, { task: 'slow', payload: { id: 1 }, key: 'slow' });
    await begun.promise;
    const begunAt = performance.now();
    await first.close();
    expect(unhurriedMs(begunAt)).toBeLessThan(8_000);
    expect(await queued()).toMatchObject([{ attempts: 1, lockedBy: null }]);
  });

  it('of a process that died are given to others, those of a living one are not', async () => {
    const going = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    await start(
      task('long', async () => {
        begun.resolve();
        await going.promise;
      }),
    );
    await enqueue(database.db, { task: 'long', payload: { id: 1 }, key: 'long' });
    await begun.promise;
    await until(async () => {
      const { rows } = await sql`SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND application_name LIKE 'bedside-pool-%'`.execute(database.db);
      return rows.length > 0 ? true : undefined;
    });
    await sql`SELECT graphile_worker.add_job('other', '{}'::json, job_key := 'other')`.execute(database.db);
    await sql`UPDATE graphile_worker._private_jobs SET locked_by = 'pool-dead', locked_at = now() - interval '2 minutes'
      WHERE key = 'other'`.execute(database.db);
    await sql`UPDATE graphile_worker._private_jobs SET locked_at = now() - interval '2 minutes' WHERE key = 'long'`.execute(
      database.db,
    );
    await releaseOrphans(database.db, MINUTE_MS);
    const locked = (await queued()).map(({ lockedBy }) => lockedBy);
    expect(locked).toContain(null);
    expect(locked.filter((by) => by?.startsWith('pool-'))).toHaveLength(1);
    expect(locked).not.toContain('pool-dead');
    going.resolve();
  });

  it('go on when the database’s connections were lost', async () => {
    const seen: number[] = [];
    await start(task('note', async ({ id }) => void seen.push(id)));
    await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE 'bedside-%' AND pid <> pg_backend_pid()
        AND application_name <> 'bedside-core'`.execute(database.db);
    await enqueue(database.db, { task: 'note', payload: { id: 1 }, key: 'one' });
    await until(async () => (seen.length > 0 ? true : undefined));
    expect(seen).toEqual([1]);
  });
});

describe('what core does beside requests', () => {
  let clinic: Clinic;
  beforeEach(async () => {
    clinic = await startClinic(async () => ({ jobs: true }));
  });
  afterEach(() => clinic[Symbol.asyncDispose]());

  it('END2 ends a visit that everybody has been gone from for half a day, and no other', async () => {
    const { visit, host, guest } = await startVisit(clinic);
    const status = async () =>
      await clinic.database.db
        .selectFrom('encounters')
        .select(['status', 'endReason'])
        .where('id', '=', visit.encounterId)
        .executeTakeFirstOrThrow();
    for (const who of [host, guest]) await clinic.ask('setPresence', { ...who, presence: 'absent', connected: false });
    clinic.clock.now = START + 11 * 60 * MINUTE_MS;
    await clinic.runTask('left-visits');
    expect(await status()).toMatchObject({ status: 'in-progress' });
    clinic.clock.now = START + 12 * 60 * MINUTE_MS + 1;
    await clinic.runTask('left-visits');
    expect(await status()).toEqual({ status: 'finished', endReason: 'everybody-left' });
    const [ended] = (await clinic.audit()).filter((entry) => entry.action === 'encounter.end');
    expect(ended).toMatchObject({ role: 'system', reason: 'everybody-left', encounterId: visit.encounterId });
    await clinic.runTask('left-visits');
    expect((await clinic.audit()).filter((entry) => entry.action === 'encounter.end')).toHaveLength(1);
  });

  it('tidies what is over, and only that', async () => {
    const { db } = clinic.database;
    const patient = await clinic.person('pat', 'patient');
    const keep = {
      personId: patient.id,
      organizationId: clinic.organizationId,
      requestHash: 'x'.repeat(43),
      resourceId: null,
    };
    await db
      .insertInto('idempotencyKeys')
      .values([
        { ...keep, key: 'key-that-is-over', expiresAt: new Date(START - 1) },
        { ...keep, key: 'key-that-is-good', expiresAt: new Date(START + 1) },
      ])
      .execute();
    await clinic.runTask('sweep');
    const left = await db.selectFrom('idempotencyKeys').select('key').execute();
    expect(left).toEqual([{ key: 'key-that-is-good' }]);
    expect((await patient.browser.get('/api/v1/me')).status).toBe(200);
  });
});
