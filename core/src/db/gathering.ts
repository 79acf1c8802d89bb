import { isDatabaseUnreachable } from './failures.ts';

interface Ask<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export interface GatheringOptions<Item, Result> {
  /** Answers each item, in their order. */
  readonly together: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Answers one where the database refused all of them together: an item that is at fault fails nobody else's. */
  readonly alone: (item: Item) => Promise<Result>;
  /** Items of one round at the most. */
  readonly most: number;
  /** Rounds under way at the most. */
  readonly rounds: number;
  /** What no two items that are under way may share: those that do go one after the other. */
  readonly distinctBy?: (item: Item) => readonly string[];
}

/**
 * Lets what is asked for at the same time share a statement. Nobody waits for company: an ask goes at once while fewer
 * than `rounds` are under way, and what comes meanwhile goes together next. It holds no more than has been asked of it,
 * which the callers bound.
 */
export class Gathering<Item, Result> {
  readonly #options: GatheringOptions<Item, Result>;
  #waiting: Ask<Item, Result>[] = [];
  #underWay = 0;
  /** What the items under way do not share with others. */
  readonly #used = new Set<string>();
  #isDue = false;

  constructor(options: GatheringOptions<Item, Result>) {
    this.#options = options;
  }

  ask(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#beginSoon();
    });
  }

  /** After what the sockets brought in this turn of the event loop. */
  #beginSoon(): void {
    if (this.#isDue || this.#underWay >= this.#options.rounds) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.#begin();
    });
  }

  #begin(): void {
    const round = this.#take();
    if (round.length === 0) return;
    this.#underWay += 1;
    if (this.#waiting.length > 0) this.#beginSoon();
    void this.#answer(round).finally(() => {
      this.#underWay -= 1;
      for (const { item } of round) for (const token of this.#tokensOf(item)) this.#used.delete(token);
      if (this.#waiting.length > 0) this.#beginSoon();
    });
  }

  #tokensOf(item: Item): readonly string[] {
    return this.#options.distinctBy?.(item) ?? [];
  }

  /** The longest waiting first; what shares something with an item before it is left for a later round. */
  #take(): Ask<Item, Result>[] {
    const { most, distinctBy } = this.#options;
    if (distinctBy === undefined) return this.#waiting.splice(0, most);
    const passed = new Set<string>();
    const round: Ask<Item, Result>[] = [];
    const left: Ask<Item, Result>[] = [];
    for (const ask of this.#waiting) {
      const tokens = distinctBy(ask.item);
      const isFree = tokens.every((token) => !passed.has(token) && !this.#used.has(token));
      if (isFree && round.length < most) round.push(ask);
      else left.push(ask);
      // Of those that are left too: nobody overtakes an earlier ask for the same.
      for (const token of tokens) passed.add(token);
    }
    for (const { item } of round) for (const token of distinctBy(item)) this.#used.add(token);
    this.#waiting = left;
    return round;
  }

  async #answer(round: readonly Ask<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#options.together(round.map(({ item }) => item));
      if (results.length !== round.length) throw new Error('A round with another number of answers than items.');
      for (const [index, result] of results.entries()) round[index]?.resolve(result);
    } catch (error) {
      // What a lost connection was doing may be done: asked again, it would stand in its own way.
      if (isDatabaseUnreachable(error)) {
        for (const { reject } of round) reject(error);
        return;
      }
      await Promise.all(round.map(({ item, resolve, reject }) => this.#options.alone(item).then(resolve, reject)));
    }
  }
}
