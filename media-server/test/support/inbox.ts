/** Keeps what arrives and lets a test await the first that it looks for, past or to come. */
export class Inbox<Item> {
  readonly items: Item[] = [];
  readonly #waiters = new Set<(item: Item) => void>();

  put(item: Item): void {
    this.items.push(item);
    for (const waiter of this.#waiters) waiter(item);
  }

  async first<Wanted extends Item>(isWanted: (item: Item) => item is Wanted): Promise<Wanted>;
  async first(isWanted: (item: Item) => boolean): Promise<Item>;
  async first(isWanted: (item: Item) => boolean): Promise<Item> {
    const present = this.items.find(isWanted);
    if (present !== undefined) return present;
    const { promise, resolve } = Promise.withResolvers<Item>();
    const waiter = (item: Item) => {
      if (isWanted(item)) resolve(item);
    };
    this.#waiters.add(waiter);
    try {
      return await promise;
    } finally {
      this.#waiters.delete(waiter);
    }
  }

  clear(): void {
    this.items.length = 0;
  }
}
