import { AppError, backoffMs } from '@bedside/protocol';
import type { MediaServerConfig } from './config.ts';
import type { MediaEvents } from './events.ts';
import { leastLoaded } from './load.ts';
import { MediaWorker } from './media-worker.ts';

/** A worker that lives this long has recovered: its next death is answered as if it were the first. */
const RECOVERED_AFTER_MS = 30_000;
const RESTART_BASE_MS = 100;
const RESTART_MAX_MS = 10_000;

/** The workers of a node. One that dies is replaced, sooner the rarer it happens, and takes only its own rooms along. */
export class WorkerPool {
  readonly #config: MediaServerConfig;
  readonly #events: MediaEvents;
  readonly #random: () => number;
  readonly #onLost: (worker: MediaWorker) => void;
  readonly #onStarted: () => void;
  readonly #workers = new Map<number, MediaWorker>();
  readonly #restarts = new Map<number, NodeJS.Timeout>();
  readonly #attempts = new Map<number, { count: number; startedAtMs: number }>();
  #starting = new Set<Promise<void>>();
  #closing: Promise<void> | undefined;

  private constructor(options: {
    config: MediaServerConfig;
    events: MediaEvents;
    random: () => number;
    onLost: (worker: MediaWorker) => void;
    onStarted?: () => void;
  }) {
    this.#config = options.config;
    this.#events = options.events;
    this.#random = options.random;
    this.#onLost = options.onLost;
    this.#onStarted = options.onStarted ?? (() => undefined);
  }

  /** Starts all workers. `onLost` is told of each that died, `onStarted` whenever there is a new one. Throws `ConfigError` when one cannot start. */
  static async start(options: {
    config: MediaServerConfig;
    events: MediaEvents;
    random: () => number;
    onLost: (worker: MediaWorker) => void;
    onStarted?: () => void;
  }): Promise<WorkerPool> {
    const pool = new WorkerPool(options);
    const started = await Promise.allSettled(
      Array.from({ length: options.config.workers }, (_, index) => pool.#start(index)),
    );
    const failed = started.find((result) => result.status === 'rejected');
    if (failed !== undefined) {
      await pool.close();
      throw failed.reason;
    }
    return pool;
  }

  /** Those alive. */
  get workers(): readonly MediaWorker[] {
    return [...this.#workers.values()];
  }

  /** The worker with the most to spare; `release` it when the room is closed. Throws `media_unavailable`. */
  take(): { worker: MediaWorker; release: () => void } {
    const worker = leastLoaded(this.#workers.values());
    if (worker === undefined) throw new AppError('media_unavailable', { detail: 'workers: none is alive.' });
    worker.rooms += 1;
    let taken = true;
    const release = () => {
      if (taken) worker.rooms -= 1;
      taken = false;
    };
    return { worker, release };
  }

  /** Measures every worker and gives back the highest load, 0..1. */
  async measure(): Promise<number> {
    // A worker that dies while it is asked is the business of its `died` event.
    await Promise.allSettled(this.workers.map((worker) => worker.measure()));
    for (const worker of this.workers) this.#events.workerLoad(worker);
    return Math.max(0, ...this.workers.map(({ load }) => load));
  }

  async #start(index: number): Promise<void> {
    const worker = await MediaWorker.start(this.#config, index);
    if (this.#closing !== undefined) return worker.close();
    worker.onDied(() => this.#died(worker));
    if (worker.closed) throw new Error('The worker ended while it started.');
    this.#workers.set(index, worker);
    this.#attempts.set(index, { count: this.#attempts.get(index)?.count ?? 0, startedAtMs: performance.now() });
    this.#events.workerStarted({ index, pid: worker.pid, port: worker.address.port });
    this.#onStarted();
  }

  #died(worker: MediaWorker): void {
    if (this.#workers.get(worker.index) !== worker) return;
    this.#workers.delete(worker.index);
    this.#events.workerDied({ index: worker.index, pid: worker.pid, rooms: worker.rooms });
    const last = this.#attempts.get(worker.index);
    if (last !== undefined && performance.now() - last.startedAtMs > RECOVERED_AFTER_MS)
      this.#attempts.delete(worker.index);
    this.#restartLater(worker.index);
    this.#onLost(worker);
  }

  #restartLater(index: number): void {
    if (this.#closing !== undefined) return;
    const attempt = this.#attempts.get(index)?.count ?? 0;
    this.#attempts.set(index, { count: attempt + 1, startedAtMs: performance.now() });
    const delayMs = backoffMs({ attempt, baseMs: RESTART_BASE_MS, maxMs: RESTART_MAX_MS, random: this.#random });
    const timer = setTimeout(() => {
      this.#restarts.delete(index);
      const starting = this.#start(index).catch((error: unknown) => {
        this.#events.workerRestartFailed({ index, attempt, error });
        this.#restartLater(index);
      });
      this.#starting.add(starting);
      void starting.finally(() => this.#starting.delete(starting));
    }, delayMs);
    this.#restarts.set(index, timer);
  }

  /** Ends every worker; resolves when their processes are gone. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const timer of this.#restarts.values()) clearTimeout(timer);
    this.#restarts.clear();
    const workers = this.workers;
    this.#workers.clear();
    await Promise.all([...workers.map((worker) => worker.close()), ...this.#starting]);
  }
}
