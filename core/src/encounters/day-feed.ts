import type { ServerResponse } from 'node:http';
import type { Bus } from '@bedside/kit';
import { AppError, DAY_CHANGED_EVENT, type PersonId } from '@bedside/protocol';
import type { Caller } from '../caller.ts';
import { DAY_CHANGED_PATTERN, providerOfDayChange } from '../context.ts';

const KEEP_ALIVE_MS = 20_000;
/** Tabs of one person that may listen at once. */
export const MAX_STREAMS_PER_PERSON = 6;
const MAX_STREAMS = 5_000;
/** A stream that takes nothing for so much is ended; the page opens another. */
const MAX_UNSENT_BYTES = 16_384;

interface Stream {
  readonly caller: Caller;
  readonly response: ServerResponse;
}

/**
 * Server-sent events (HTML Living Standard §9.2) that say a provider's day changed, and nothing else. Streams end when
 * their session does, so a stream that is open is no way around signing out.
 */
export class DayFeed {
  readonly #streams = new Map<PersonId, Set<Stream>>();
  readonly #isAlive: (caller: Caller) => Promise<boolean>;
  readonly #release: () => void;
  #count = 0;

  constructor(options: { bus: Bus; isAlive: (caller: Caller) => Promise<boolean> }) {
    this.#isAlive = options.isAlive;
    const subscription = options.bus.subscribe(DAY_CHANGED_PATTERN, (_payload, subject) =>
      this.#changed(providerOfDayChange(subject)),
    );
    const timer = setInterval(() => void this.#keepAlive(), KEEP_ALIVE_MS);
    timer.unref();
    this.#release = () => {
      subscription.close();
      clearInterval(timer);
    };
  }

  /** Opens a stream on a response whose head is not written yet. Errors: `rate_limited`. */
  open(caller: Caller, response: ServerResponse): void {
    const streams = this.#streams.get(caller.who.personId) ?? new Set();
    if (streams.size >= MAX_STREAMS_PER_PERSON || this.#count >= MAX_STREAMS) throw new AppError('rate_limited');
    const stream = { caller, response };
    streams.add(stream);
    this.#streams.set(caller.who.personId, streams);
    this.#count += 1;
    response.once('close', () => this.#forget(stream));
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-accel-buffering': 'no',
    });
    response.write('retry: 2000\n\n');
  }

  #changed(providerId: PersonId): void {
    for (const stream of this.#streams.get(providerId) ?? [])
      this.#send(stream, `event: ${DAY_CHANGED_EVENT}\ndata: {}\n\n`);
  }

  async #keepAlive(): Promise<void> {
    for (const stream of [...this.#streams.values()].flatMap((streams) => [...streams])) {
      // When the database does not answer, nobody is shown out for it.
      if (await this.#isAlive(stream.caller).catch(() => true)) this.#send(stream, ': still here\n\n');
      else stream.response.end();
    }
  }

  #send(stream: Stream, text: string): void {
    if (stream.response.writableLength > MAX_UNSENT_BYTES) stream.response.destroy();
    else if (!stream.response.writableEnded) stream.response.write(text);
  }

  #forget(stream: Stream): void {
    const { personId } = stream.caller.who;
    const streams = this.#streams.get(personId);
    if (streams?.delete(stream) !== true) return;
    this.#count -= 1;
    if (streams.size === 0) this.#streams.delete(personId);
  }

  /** Ends the streams of a session that ended. */
  endSession(caller: Caller): void {
    for (const stream of this.#streams.get(caller.who.personId) ?? []) {
      if (stream.caller.sessionHash === caller.sessionHash) stream.response.end();
    }
  }

  close(): void {
    this.#release();
    for (const streams of this.#streams.values()) for (const stream of streams) stream.response.end();
  }
}
