/** What a pump does when it is woken. `signal` aborts when the pump closes. */
export type PumpWork = (signal: AbortSignal) => Promise<void>;

/**
 * Does work when woken, one run at a time; woken during a run, it runs once more. Runs begin at least `spacingMs` apart:
 * what arrives in a burst is done together, while the first after a pause is done at once.
 */
export class Pump {
  readonly #work: PumpWork;
  readonly #spacingMs: number;
  readonly #onError: (error: unknown) => void;
  readonly #closed = new AbortController();
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isWanted = false;
  #begunAt = Number.NEGATIVE_INFINITY;

  constructor(options: { work: PumpWork; spacingMs: number; onError: (error: unknown) => void }) {
    this.#work = options.work;
    this.#spacingMs = options.spacingMs;
    this.#onError = options.onError;
  }

  wake(): void {
    if (this.#closed.signal.aborted) return;
    this.#isWanted = true;
    if (this.#running === undefined && this.#timer === undefined) this.#schedule();
  }

  /** Wakes and waits until nothing is left to do. */
  async settle(): Promise<void> {
    this.wake();
    while (this.#running !== undefined || this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      if (this.#running === undefined) this.#run();
      await this.#running;
    }
  }

  #schedule(): void {
    const dueInMs = this.#begunAt + this.#spacingMs - performance.now();
    if (dueInMs <= 0) {
      this.#run();
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#run();
    }, dueInMs);
    this.#timer.unref();
  }

  #run(): void {
    this.#isWanted = false;
    this.#begunAt = performance.now();
    this.#running = this.#work(this.#closed.signal)
      .catch(this.#onError)
      .finally(() => {
        this.#running = undefined;
        if (this.#isWanted && !this.#closed.signal.aborted) this.#schedule();
      });
  }

  /** Waits for the run under way; there is none after. */
  async close(): Promise<void> {
    this.#closed.abort();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#running;
  }
}
