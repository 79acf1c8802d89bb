import type { Clock } from '@bedside/kit';

/**
 * Items that are due a fixed time after they were set, oldest first, with one timer for all. Bounded: where one too
 * many is set, the oldest is due at once.
 */
export class Deadlines<Item> {
  readonly #options: { afterMs: number; maxItems: number; now: Clock; onDue: (item: Item) => void };
  readonly #dueAt = new Map<Item, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: { afterMs: number; maxItems: number; now: Clock; onDue: (item: Item) => void }) {
    this.#options = options;
  }

  get size(): number {
    return this.#dueAt.size;
  }

  /** Sets the item, or sets it anew. */
  set(item: Item): void {
    this.#dueAt.delete(item);
    this.#dueAt.set(item, this.#options.now() + this.#options.afterMs);
    if (this.#dueAt.size > this.#options.maxItems) this.#expireFirst();
    this.#arm();
  }

  has(item: Item): boolean {
    return this.#dueAt.has(item);
  }

  clear(item: Item): void {
    this.#dueAt.delete(item);
  }

  close(): void {
    this.#dueAt.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #expireFirst(): void {
    for (const item of this.#dueAt.keys()) {
      this.#dueAt.delete(item);
      this.#options.onDue(item);
      return;
    }
  }

  #arm(): void {
    if (this.#timer !== undefined) return;
    for (const dueAt of this.#dueAt.values()) {
      this.#timer = setTimeout(() => this.#fire(), Math.max(1, dueAt - this.#options.now()));
      return;
    }
  }

  #fire(): void {
    this.#timer = undefined;
    const now = this.#options.now();
    for (const [item, dueAt] of this.#dueAt) {
      if (dueAt > now) break;
      this.#dueAt.delete(item);
      this.#options.onDue(item);
    }
    this.#arm();
  }
}
