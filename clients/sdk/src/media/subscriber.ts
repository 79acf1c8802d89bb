import type { ConsumerId, ConsumerOffer, MediaSource, PersonId } from '@bedside/protocol';
import type { types } from 'mediasoup-client';
import type { Request } from './publisher.ts';
import { toConsumerOptions } from './wire.ts';

/** What arrives from one person. `stream` stays the same object while they are there, so it can be bound to an element. */
export interface RemoteMedia {
  personId: PersonId;
  stream: MediaStream;
  /** Sources that are there, with whether their sender has paused them. */
  sources: Readonly<Partial<Record<MediaSource, { paused: boolean }>>>;
}

interface Receiving {
  offer: ConsumerOffer;
  paused: boolean;
  consumer: types.Consumer | undefined;
}

/** Protocol bound of a room's streams (`MediaOffer.consumers`). */
const MAX_CONSUMERS = 64;

/** Receives what the room offers over one receive transport, grouped by person. */
export class Subscriber {
  readonly #transport: types.Transport;
  readonly #request: Request;
  readonly #createStream: () => MediaStream;
  readonly #changed: (remote: readonly RemoteMedia[]) => void;
  readonly #failed: (error: unknown) => void;
  readonly #receiving = new Map<ConsumerId, Receiving>();
  readonly #streams = new Map<PersonId, MediaStream>();
  #closed = false;

  constructor(options: {
    transport: types.Transport;
    request: Request;
    createStream: () => MediaStream;
    changed: (remote: readonly RemoteMedia[]) => void;
    failed: (error: unknown) => void;
  }) {
    this.#transport = options.transport;
    this.#request = options.request;
    this.#createStream = options.createStream;
    this.#changed = options.changed;
    this.#failed = options.failed;
  }

  /**
   * The consumers that came with the transports. The server is asked to let them flow before this side is ready: nothing
   * can arrive until DTLS is up, and the key frame is then already on its way.
   */
  addFirst(offers: readonly ConsumerOffer[]): void {
    if (offers.length === 0) return;
    this.#resume(offers);
    for (const offer of offers) void this.#consume(offer);
  }

  /** A consumer of a stream that began later. It flows once this side can take it, or its first key frame is lost. */
  async add(offer: ConsumerOffer): Promise<void> {
    if (await this.#consume(offer)) this.#resume([offer]);
  }

  remove(id: ConsumerId): void {
    const receiving = this.#receiving.get(id);
    if (!receiving) return;
    this.#receiving.delete(id);
    const { personId } = receiving.offer;
    if (receiving.consumer) {
      this.#streams.get(personId)?.removeTrack(receiving.consumer.track);
      receiving.consumer.close();
    }
    if (![...this.#receiving.values()].some((other) => other.offer.personId === personId))
      this.#streams.delete(personId);
    this.#tell();
  }

  setPaused(id: ConsumerId, paused: boolean): void {
    const receiving = this.#receiving.get(id);
    if (!receiving) return;
    receiving.paused = paused;
    this.#tell();
  }

  close(): void {
    this.#closed = true;
    this.#receiving.clear();
    this.#streams.clear();
  }

  #resume(offers: readonly ConsumerOffer[]): void {
    this.#request('media.resume', { consumerIds: offers.map(({ id }) => id) }).catch((error) => this.#fail(error));
  }

  async #consume(offer: ConsumerOffer): Promise<boolean> {
    if (this.#closed || this.#receiving.has(offer.id) || this.#receiving.size >= MAX_CONSUMERS) return false;
    const receiving: Receiving = { offer, paused: offer.producerPaused, consumer: undefined };
    this.#receiving.set(offer.id, receiving);
    try {
      const consumer = await this.#transport.consume(toConsumerOptions(offer));
      if (this.#closed || this.#receiving.get(offer.id) !== receiving) {
        consumer.close();
        return false;
      }
      receiving.consumer = consumer;
      this.#streamOf(offer.personId).addTrack(consumer.track);
      this.#tell();
      return true;
    } catch (error) {
      this.#receiving.delete(offer.id);
      this.#fail(error);
      return false;
    }
  }

  #streamOf(personId: PersonId): MediaStream {
    const stream = this.#streams.get(personId) ?? this.#createStream();
    this.#streams.set(personId, stream);
    return stream;
  }

  #tell(): void {
    const sources = new Map<PersonId, Partial<Record<MediaSource, { paused: boolean }>>>();
    for (const { offer, paused, consumer } of this.#receiving.values()) {
      if (consumer) sources.set(offer.personId, { ...sources.get(offer.personId), [offer.source]: { paused } });
    }
    this.#changed(
      [...sources].map(([personId, those]) => ({ personId, stream: this.#streamOf(personId), sources: those })),
    );
  }

  #fail(error: unknown): void {
    if (!this.#closed) this.#failed(error);
  }
}
