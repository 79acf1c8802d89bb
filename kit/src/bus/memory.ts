import {
  type Bus,
  BusError,
  type BusErrorCodec,
  type BusHandler,
  type BusResponder,
  type BusSubscription,
  subjectMatches,
} from './bus.ts';

interface Responder {
  readonly pattern: string;
  readonly handler: BusResponder;
}

interface Subscriber {
  readonly pattern: string;
  readonly handler: BusHandler;
}

const copy = (payload: unknown): unknown => (payload === undefined ? undefined : JSON.parse(JSON.stringify(payload)));

/** The bus inside one process. `onHandlerError` is told of handlers that threw. */
export class MemoryBus implements Bus {
  readonly #subscribers = new Set<Subscriber>();
  readonly #responders = new Set<Responder>();
  readonly #errors: BusErrorCodec;
  readonly #onHandlerError: (error: unknown, subject: string) => void;
  readonly #aborts = new Set<(reason: BusError) => void>();
  #turn = 0;
  #closed = false;

  constructor(options: { errors: BusErrorCodec; onHandlerError: (error: unknown, subject: string) => void }) {
    this.#errors = options.errors;
    this.#onHandlerError = options.onHandlerError;
  }

  publish(subject: string, payload: unknown): void {
    if (this.#closed) throw new BusError('closed', subject);
    const message = copy(payload);
    for (const subscriber of this.#subscribers) {
      if (!subjectMatches(subscriber.pattern, subject)) continue;
      queueMicrotask(() => {
        if (this.#subscribers.has(subscriber)) void this.#deliver(subscriber, copy(message), subject);
      });
    }
  }

  async #deliver(subscriber: Subscriber, message: unknown, subject: string): Promise<void> {
    try {
      await subscriber.handler(message, subject);
    } catch (error) {
      this.#onHandlerError(error, subject);
    }
  }

  subscribe(pattern: string, handler: BusHandler): BusSubscription {
    return this.#enter(this.#subscribers, { pattern, handler });
  }

  respond(pattern: string, handler: BusResponder): BusSubscription {
    return this.#enter(this.#responders, { pattern, handler });
  }

  #enter<Entry extends { pattern: string }>(entries: Set<Entry>, entry: Entry): BusSubscription {
    if (this.#closed) throw new BusError('closed', entry.pattern);
    entries.add(entry);
    return { close: () => void entries.delete(entry) };
  }

  async request(
    subject: string,
    payload: unknown,
    options: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<unknown> {
    if (this.#closed) throw new BusError('closed', subject);
    if (options.signal?.aborted) throw new BusError('aborted', subject);
    const responders = [...this.#responders].filter((responder) => subjectMatches(responder.pattern, subject));
    const responder = responders[this.#turn++ % Math.max(1, responders.length)];
    if (responder === undefined) throw new BusError('no-responders', subject);

    const { promise: ended, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new BusError('timeout', subject)), options.timeoutMs);
    const onAbort = () => reject(new BusError('aborted', subject));
    options.signal?.addEventListener('abort', onAbort, { once: true });
    this.#aborts.add(reject);
    try {
      return await Promise.race([this.#answer(responder, copy(payload), subject), ended]);
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
      this.#aborts.delete(reject);
    }
  }

  async #answer(responder: Responder, message: unknown, subject: string): Promise<unknown> {
    // A turn of the loop lies between asking and answering, as on a network.
    await Promise.resolve();
    try {
      return copy(await responder.handler(message, subject));
    } catch (error) {
      throw new BusError('failed', subject, copy(this.#errors.encode(error)));
    }
  }

  /** Ends every request under way with `closed` and forgets every subscription. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#subscribers.clear();
    this.#responders.clear();
    for (const abort of this.#aborts) abort(new BusError('closed', 'bus'));
  }
}
