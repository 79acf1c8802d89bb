/**
 * Carries out work that strangers ask for, so much in each turn of the event loop and no more, so that what else the
 * loop has to do never waits for all of it. Bounded: one item too many overflows the oldest.
 */
export class Paced<Item> {
  readonly #options: {
    readonly perTurn: number;
    readonly maxItems: number;
    readonly run: (item: Item) => void;
    readonly onOverflow: (item: Item) => void;
  };
  readonly #waiting = new Set<Item>();
  #isScheduled = false;

  constructor(options: {
    perTurn: number;
    maxItems: number;
    run: (item: Item) => void;
    onOverflow: (item: Item) => void;
  }) {
    this.#options = options;
  }

  add(item: Item): void {
    this.#waiting.add(item);
    const [oldest] = this.#waiting;
    if (this.#waiting.size > this.#options.maxItems && oldest !== undefined) {
      this.#waiting.delete(oldest);
      this.#options.onOverflow(oldest);
    }
    this.#schedule();
  }

  /** For an item that has gone away meanwhile. */
  delete(item: Item): void {
    this.#waiting.delete(item);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      let left = this.#options.perTurn;
      for (const item of this.#waiting) {
        this.#waiting.delete(item);
        this.#options.run(item);
        left -= 1;
        if (left === 0) break;
      }
      if (this.#waiting.size > 0) this.#schedule();
    });
  }
}
