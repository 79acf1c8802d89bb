/** Writes of which the answer is not here yet, so that what they change is read after them. */
export class OnTheirWay {
  readonly #waitMs: number;
  readonly #writes = new Set<Promise<unknown>>();

  /** `waitMs`: the longest that a reader waits; on a line that bad an older answer is better than none. */
  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  add<Result>(write: Promise<Result>): Promise<Result> {
    const done: Promise<unknown> = write.then(
      () => this.#writes.delete(done),
      () => this.#writes.delete(done),
    );
    this.#writes.add(done);
    return write;
  }

  /** Resolves when none is on its way any more of those that are now, answered or lost. */
  async settled(): Promise<void> {
    if (this.#writes.size === 0) return;
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, this.#waitMs);
    await Promise.race([Promise.all(this.#writes), late.promise]);
    clearTimeout(timer);
  }
}
