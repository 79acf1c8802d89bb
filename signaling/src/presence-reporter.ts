import { type CloseReason, type ErrorCode, errorCodeOf, type Presence } from '@bedside/protocol';
import type { CoreClient, Holder } from './core-client.ts';
import type { SignalingEvents } from './events.ts';
import { type RetryDelays, retryDelayMs } from './retry.ts';

/** What core is to hear of somebody. */
export type PresenceNews =
  | { readonly type: 'presence'; readonly presence: Presence; readonly connected: boolean }
  | { readonly type: 'left' };

interface Item {
  readonly holder: Holder;
  readonly news: PresenceNews;
}

/** While core does not answer, a person's oldest news beyond this many give way to newer ones. */
const MAX_WAITING = 8;
const MAX_TRIES = 8;

/**
 * Tells core who is where: for each person in order, one call at a time, and again while core does not answer.
 * Nobody waits for it.
 */
export class PresenceReporter {
  readonly #core: CoreClient;
  readonly #events: SignalingEvents;
  readonly #delays: RetryDelays;
  readonly #maxPeople: number;
  readonly #onRefused: (holder: Holder, code: CloseReason) => void;
  /** By encounter and person; an entry lives while something of that person is to be told. */
  readonly #queues = new Map<string, Item[]>();
  readonly #wakes = new Set<() => void>();
  #idle: PromiseWithResolvers<void> | undefined;
  #closed = false;

  constructor(options: {
    core: CoreClient;
    events: SignalingEvents;
    delays: RetryDelays;
    maxPeople: number;
    /** Core says that the holder's grant or visit is over. */
    onRefused: (holder: Holder, code: CloseReason) => void;
  }) {
    this.#core = options.core;
    this.#events = options.events;
    this.#delays = options.delays;
    this.#maxPeople = options.maxPeople;
    this.#onRefused = options.onRefused;
  }

  report(holder: Holder, news: PresenceNews): void {
    const key = `${holder.encounterId}/${holder.personId}`;
    const queue = this.#queues.get(key);
    if (queue !== undefined) {
      queue.push({ holder, news });
      // The first one is under way.
      if (queue.length > MAX_WAITING) queue.splice(1, 1);
      return;
    }
    if (this.#closed || this.#queues.size >= this.#maxPeople) return;
    const items = [{ holder, news }];
    this.#queues.set(key, items);
    void this.#run(key, items);
  }

  /** Resolves when core has been told everything. */
  async idle(): Promise<void> {
    if (this.#queues.size === 0) return;
    this.#idle ??= Promise.withResolvers();
    await this.#idle.promise;
  }

  /** Gives up what core has not answered. */
  close(): void {
    this.#closed = true;
    for (const wake of this.#wakes) wake();
  }

  async #run(key: string, items: Item[]): Promise<void> {
    for (let item = items[0]; item !== undefined; item = items[0]) {
      await this.#tell(item);
      items.shift();
    }
    this.#queues.delete(key);
    if (this.#queues.size > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  async #tell(item: Item): Promise<void> {
    for (let attempt = 0; attempt < MAX_TRIES && !this.#closed; attempt += 1) {
      const code = await this.#try(item);
      if (code === undefined) return;
      if (code === 'grant_revoked' || code === 'visit_over') this.#onRefused(item.holder, code);
      if (code !== 'unavailable') return;
      await this.#pause(retryDelayMs(this.#delays, attempt));
    }
  }

  /** The code of a failure. */
  async #try({ holder, news }: Item): Promise<ErrorCode | undefined> {
    try {
      if (news.type === 'left') await this.#core.leave(holder);
      else await this.#core.setPresence(holder, news.presence, news.connected);
      return undefined;
    } catch (error) {
      this.#events.coreCallFailed(news.type === 'left' ? 'leave' : 'setPresence', error);
      return errorCodeOf(error);
    }
  }

  async #pause(delayMs: number): Promise<void> {
    if (this.#closed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, delayMs);
    this.#wakes.add(resolve);
    await promise;
    clearTimeout(timer);
    this.#wakes.delete(resolve);
  }
}
