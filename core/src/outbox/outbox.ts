import { type CoreContext, nowOf } from '../context.ts';
import type { Db, Tx } from '../db/database.ts';
import { Pump } from '../jobs/pump.ts';
import { MAX_ATTEMPTS, type OutboxEvent, type OutboxHandlers, type OutboxTopic, retryDelayMs } from './model.ts';
import { claimOutboxEvents, deleteOutboxEvents, postponeOutboxEvent } from './store.ts';

const OUTBOX_WRITTEN = 'core.outbox.written';
const BATCH = 200;
/** A burst of bookings is dealt with in batches; nobody notices the twentieth of a second. */
const SPACING_MS = 50;

/** Once the transaction is committed, whoever drains the outbox looks at once. */
export const announceOutbox = (context: Pick<CoreContext, 'bus'>, tx: Tx): void =>
  tx.onCommit(() => context.bus.publish(OUTBOX_WRITTEN, {}));

export interface OutboxOptions {
  readonly context: CoreContext;
  readonly handlers: OutboxHandlers;
  readonly random: () => number;
  readonly onFailed: (event: { topic: string; attempts: number; isParked: boolean; error: unknown }) => void;
}

/**
 * Tells others what happened, at least once. Events are taken by lease, so several processes share them and one that
 * dies loses none; they are gone once their handlers are done. An event that fails is tried again, later each time, and
 * parked after `MAX_ATTEMPTS`; the others go on.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #pump: Pump;
  readonly #subscription: { close(): void };

  constructor(options: OutboxOptions) {
    this.#options = options;
    const { bus, events } = options.context;
    this.#pump = new Pump({
      work: (signal) => this.#drain(signal),
      spacingMs: SPACING_MS,
      onError: (error) => events.failed({ error, subject: 'outbox' }),
    });
    this.#subscription = bus.subscribe(OUTBOX_WRITTEN, () => this.#pump.wake());
  }

  wake(): void {
    this.#pump.wake();
  }

  /** Drains until nothing is due. */
  settle(): Promise<void> {
    return this.#pump.settle();
  }

  get #db(): Db {
    return this.#options.context.database.asSystem('outbox').db;
  }

  async #drain(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const events = await claimOutboxEvents(this.#db, { now: nowOf(this.#options.context), limit: BATCH });
      const topics = Map.groupBy(events, (event) => event.topic);
      for (const [topic, ofTopic] of topics) await this.#handle(topic, ofTopic);
      if (events.length < BATCH) return;
    }
  }

  /** A batch in which one event fails is gone through one by one, so that it keeps none of the others back. */
  async #handle(topic: string, events: readonly OutboxEvent[]): Promise<void> {
    try {
      const handlers = this.#options.handlers[topic as OutboxTopic];
      if (handlers === undefined) throw new Error('This release does not know the topic.');
      for (const handler of handlers) await handler(events);
      await deleteOutboxEvents(
        this.#db,
        events.map((event) => event.id),
      );
    } catch (error) {
      const [first] = events;
      if (events.length > 1) for (const event of events) await this.#handle(topic, [event]);
      else if (first !== undefined) await this.#postpone(first, error);
    }
  }

  async #postpone(event: OutboxEvent, error: unknown): Promise<void> {
    const { context, random, onFailed } = this.#options;
    const isParked = event.attempts >= MAX_ATTEMPTS;
    onFailed({ topic: event.topic, attempts: event.attempts, isParked, error });
    const at = isParked ? undefined : new Date(context.clock() + retryDelayMs(event.attempts, random));
    await postponeOutboxEvent(this.#db, event.id, at);
  }

  async close(): Promise<void> {
    this.#subscription.close();
    await this.#pump.close();
  }
}
