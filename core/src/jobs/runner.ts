import { EventEmitter } from 'node:events';
import type { Logger, Service } from '@bedside/kit';
import { backoffMs } from '@bedside/protocol';
import { type Task as GraphileTask, parseCronItems, type Runner, run, type WorkerEvents } from 'graphile-worker';
import type { Pool } from 'pg';
import { CONCURRENCY, openJobPool } from './pool.ts';
import { listenerName } from './queue.ts';
import type { Task } from './task.ts';
import { workerLog } from './worker-log.ts';

/** How often due tasks are looked for that nobody was told of: repeated ones, those of a lost notification. */
const POLL_MS = 2_000;
/** Looks for a task that may fail one after the other: the queue keeps an early failure of its own and repeats it for ever. */
const MAX_FAILED_LOOKS = 3 * CONCURRENCY;
/** Longest a stop waits for tasks under way; their signal aborts at half of it. */
const CLOSE_MS = 6_000;

export interface JobRunnerOptions {
  readonly databaseUrl: string;
  /** The role that its connections take on. */
  readonly role: string | undefined;
  readonly tasks: readonly Task[];
  readonly log: Logger;
  readonly random: () => number;
  readonly onDone: (event: { task: string; durationMs: number; error?: unknown }) => void;
}

/**
 * Runs tasks: those that are asked for, and those that come by the clock. Several processes share them, each run is one
 * process's. Where the database goes away it begins anew when it is back.
 */
export class JobRunner implements Service {
  readonly #options: JobRunnerOptions;
  readonly #pool: Pool;
  readonly #closed = new AbortController();
  #runner: Runner | undefined;
  /** Resolves when the runner cannot tell what became of a task any more: it would wait for that for ever. */
  #broken = Promise.withResolvers<void>();
  #supervision: Promise<void> = Promise.resolve();

  private constructor(options: JobRunnerOptions) {
    this.#options = options;
    this.#pool = openJobPool(options.databaseUrl, options.log, options.role);
  }

  static async start(options: JobRunnerOptions): Promise<JobRunner> {
    const runner = new JobRunner(options);
    try {
      runner.#runner = await runner.#begin();
    } catch (error) {
      await runner.#pool.end();
      throw error;
    }
    runner.#supervision = runner.#supervise();
    return runner;
  }

  #begin(): Promise<Runner> {
    const { tasks, log } = this.#options;
    const events: WorkerEvents = new EventEmitter();
    const broken = Promise.withResolvers<void>();
    this.#broken = broken;
    events.on('pool:fatalError', () => broken.resolve());
    let failedLooks = 0;
    events.on('worker:getJob:error', () => {
      failedLooks += 1;
      if (failedLooks === MAX_FAILED_LOOKS) broken.resolve();
    });
    const onLooked = () => {
      failedLooks = 0;
    };
    events.on('worker:getJob:empty', onLooked);
    events.on('job:start', onLooked);
    events.on('pool:listen:success', ({ client, workerPool }) => {
      const name = client.escapeLiteral(listenerName(workerPool.id));
      // Says that this process lives, to those who look for what the dead have taken; after it listens, as one
      // connection does one thing at a time.
      client.once('drain', () => {
        client.query(`SET application_name = ${name}`).catch((error: unknown) => log.error('job-queue', { error }));
      });
    });
    return run({
      pgPool: this.#pool,
      events,
      logger: workerLog(log),
      noHandleSignals: true,
      concurrency: CONCURRENCY,
      pollInterval: POLL_MS,
      gracefulShutdownAbortTimeout: CLOSE_MS / 2,
      // What became of a task is told in batches, for their failure is handled and their end waited for; told one by
      // one it is a promise that nobody holds, and a database that is away would end the process.
      preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
      taskList: Object.fromEntries(tasks.map((task) => [task.name, this.#taskOf(task)])),
      parsedCronItems: parseCronItems(
        tasks.flatMap(({ name, cron, maxAttempts }) =>
          cron === undefined
            ? []
            : [
                {
                  task: name,
                  match: cron,
                  options: { maxAttempts, jobKey: name, jobKeyMode: 'replace', backfillPeriod: 0 },
                },
              ],
        ),
      ),
    });
  }

  #taskOf(task: Task): GraphileTask {
    return async (payload, { abortSignal }) => {
      const begunAt = performance.now();
      const durationMs = () => Math.round(performance.now() - begunAt);
      try {
        await task.run(task.payload.parse(payload), abortSignal);
      } catch (error) {
        this.#options.onDone({ task: task.name, durationMs: durationMs(), error });
        // The queue stores the message; an error's own may quote what somebody wrote.
        throw new Error(`${task.name} failed`, { cause: error });
      }
      this.#options.onDone({ task: task.name, durationMs: durationMs() });
    };
  }

  /** A runner that ended by itself is followed by another. */
  async #supervise(): Promise<void> {
    const { signal } = this.#closed;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      const begunAt = performance.now();
      // A task that does not end must not keep the process from closing.
      const ended = this.#runner?.promise.catch(() => undefined);
      await Promise.race([ended, this.#broken.promise, aborted(signal)]);
      if (signal.aborted) return;
      if (performance.now() - begunAt > 60_000) attempt = 0;
      this.#options.log.warn('job-queue-ended', { attempt });
      if (this.#runner !== undefined) await stop(this.#runner);
      await delay(backoffMs({ attempt, baseMs: 500, maxMs: 30_000, random: this.#options.random }), signal);
      if (signal.aborted) return;
      try {
        this.#runner = await this.#begin();
      } catch (error) {
        this.#runner = undefined;
        this.#options.log.error('job-queue', { error });
      }
    }
  }

  /** Waits for the tasks under way, but not for ever: what is cut off is done again elsewhere. */
  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    if (this.#runner !== undefined) await stop(this.#runner);
    await this.#supervision;
    await isDoneWithin(this.#pool.end(), 1_000);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Waits for the tasks under way, and cuts them off where they take too long. A runner that ended by itself is no matter. */
const stop = async (runner: Runner): Promise<void> => {
  const stopped = await isDoneWithin(
    runner.stop('closing').catch(() => undefined),
    CLOSE_MS,
  );
  if (!stopped) await runner.kill('closing').catch(() => undefined);
};

const delay = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

const isDoneWithin = async (work: Promise<unknown>, ms: number): Promise<boolean> => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), ms);
  try {
    return await Promise.race([work.then(() => true), promise]);
  } finally {
    clearTimeout(timer);
  }
};
