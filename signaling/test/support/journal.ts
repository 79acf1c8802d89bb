interface Waiting<Item> {
  readonly matches: (item: Item) => boolean;
  readonly found: (item: Item) => void;
}

/** What has happened, in order; what is still to happen can be awaited. */
export class Journal<Item> {
  readonly items: Item[] = [];
  readonly #waiting = new Set<Waiting<Item>>();

  add(item: Item): void {
    this.items.push(item);
    for (const waiting of this.#waiting) {
      if (!waiting.matches(item)) continue;
      this.#waiting.delete(waiting);
      waiting.found(item);
    }
  }

  /** The first item that matches, past or to come; `from` leaves out those before that index. */
  async find(matches: (item: Item) => boolean, from = 0): Promise<Item> {
    const past = this.items.slice(from).find(matches);
    if (past !== undefined) return past;
    const { promise, resolve } = Promise.withResolvers<Item>();
    this.#waiting.add({ matches, found: resolve });
    return promise;
  }

  count(matches: (item: Item) => boolean): number {
    return this.items.filter(matches).length;
  }
}
