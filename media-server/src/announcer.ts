/** Says at an interval, and at the end of any turn of the loop in which something changed, how the node is. */
export class Announcer {
  readonly #intervalMs: number;
  readonly #measure: () => Promise<void>;
  readonly #announce: () => void;
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Immediate | undefined;

  /** `measure` is asked before each announcement at the interval and must not throw. */
  constructor(options: { intervalMs: number; measure: () => Promise<void>; announce: () => void }) {
    this.#intervalMs = options.intervalMs;
    this.#measure = options.measure;
    this.#announce = options.announce;
  }

  start(): void {
    this.#announce();
    this.#timer = setInterval(() => {
      // The announcement is also the sign of life: a worker that is slow to answer must not delay it.
      void this.#measure();
      this.#announce();
    }, this.#intervalMs);
  }

  changed(): void {
    if (this.#timer === undefined) return;
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      this.#announce();
    });
  }

  close(): void {
    clearInterval(this.#timer);
    clearImmediate(this.#soon);
    this.#timer = undefined;
    this.#soon = undefined;
  }
}
