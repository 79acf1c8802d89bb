import {
  AppError,
  ConsumerId,
  IceParameters,
  kindOfSource,
  type MediaEvent,
  MediaOffer,
  type MediaSource,
  type PeerId,
  type PersonId,
  ProducerId,
  type TransportId,
} from '@bedside/protocol';
import type { types } from 'mediasoup';
import { clientDtlsParameters, clientRtpParameters } from './client-parameters.ts';
import { routerRtpCapabilities } from './codecs.ts';
import { available, refusing } from './refusals.ts';
import { consumerOffer, type Stream } from './stream.ts';
import { transportOffer } from './transports.ts';

/** What a peer's holder learns between offers, less the room's own fields. */
type WithoutRoom<Event> = Event extends unknown ? Omit<Event, 'nodeId' | 'roomId' | 'epoch' | 'peerId'> : never;
type PeerEvent = WithoutRoom<Extract<MediaEvent, { peerId: PeerId }>>;

interface PeerOptions {
  readonly id: PeerId;
  readonly personId: PersonId;
  readonly rtpCapabilities: types.RtpCapabilities;
  readonly publish: readonly MediaSource[];
  readonly subscribe: boolean;
  readonly createTransport: (direction: 'send' | 'recv') => Promise<types.WebRtcTransport>;
  readonly canConsume: (producer: types.Producer, rtpCapabilities: types.RtpCapabilities) => boolean;
  readonly onEvent: (event: PeerEvent) => void;
  readonly onStream: (stream: Stream) => void;
  readonly onConsumeFailed: (error: unknown) => void;
}

/**
 * One participant's media in a room: a transport to send, one to receive, a producer of each source it shows and a
 * consumer of each stream of the others. Whatever it was not given is `media_object_unknown` (SPEC MED9).
 */
export class Peer {
  readonly id: PeerId;
  readonly personId: PersonId;
  readonly #options: PeerOptions;
  /** `undefined` marks a source whose producer is being made. */
  readonly #streams = new Map<MediaSource, Stream | undefined>();
  readonly #consumers = new Map<string, { consumer: types.Consumer; stream: Stream }>();
  readonly #consuming = new Set<Promise<void>>();
  #send: types.WebRtcTransport | undefined;
  #recv: types.WebRtcTransport | undefined;
  /** Until the offer has been answered, what it does not yet know is held back here, so that it comes first. */
  #held: PeerEvent[] | undefined = [];
  #offered = false;
  #closed = false;

  constructor(options: PeerOptions) {
    this.id = options.id;
    this.personId = options.personId;
    this.#options = options;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Its streams, those not yet made left out. */
  get streams(): readonly Stream[] {
    return [...this.#streams.values()].filter((stream) => stream !== undefined);
  }

  get consumerCount(): number {
    return this.#consumers.size;
  }

  /** Makes both transports at once, and a consumer of each stream as soon as there is a transport for it. */
  async open(epoch: number, streams: () => readonly Stream[]): Promise<MediaOffer> {
    const { publish, subscribe } = this.#options;
    const opened = await Promise.allSettled([
      publish.length === 0 ? undefined : this.#openSend(),
      subscribe ? this.#openRecv(streams) : undefined,
    ]);
    // Only when both have ended, so that a failure leaves nothing behind that is still being made.
    for (const result of opened) if (result.status === 'rejected') throw result.reason;
    // A stream that appeared meanwhile belongs in the offer too.
    while (this.#consuming.size > 0) await Promise.all(this.#consuming);
    this.#assertOpen();
    this.#offered = true;
    // The answer leaves within this turn of the loop, what was held back in the next.
    setImmediate(() => this.#release());
    return MediaOffer.parse({
      epoch,
      routerRtpCapabilities,
      ...(this.#send === undefined ? {} : { send: transportOffer(this.#send) }),
      ...(this.#recv === undefined ? {} : { recv: transportOffer(this.#recv) }),
      consumers: [...this.#consumers.values()].map(consumerOffer),
    });
  }

  async #openSend(): Promise<void> {
    this.#send = await this.#createTransport('send');
  }

  async #openRecv(streams: () => readonly Stream[]): Promise<void> {
    this.#recv = await this.#createTransport('recv');
    // In the same step, so that no stream is taken up twice or not at all.
    await Promise.all(streams().map((stream) => this.consume(stream)));
  }

  async #createTransport(direction: 'send' | 'recv'): Promise<types.WebRtcTransport> {
    const transport = await available(() => this.#options.createTransport(direction));
    if (this.#closed) transport.close();
    this.#assertOpen();
    return transport;
  }

  /** Throws `media_object_unknown`, `media_refused` (also when it was connected before). */
  async connectTransport(transportId: TransportId, dtlsParameters: unknown): Promise<void> {
    const transport = this.#transport(transportId);
    const parameters = clientDtlsParameters(dtlsParameters);
    await refusing('dtlsParameters: were refused, or the transport is connected already.', () =>
      transport.connect({ dtlsParameters: parameters }),
    );
  }

  async restartIce(transportId: TransportId): Promise<IceParameters> {
    const transport = this.#transport(transportId);
    return IceParameters.parse(await available(() => transport.restartIce()));
  }

  /**
   * Throws `not_permitted` for a source it may not publish, `media_limit` for a second producer of a source (SPEC
   * MED3), `media_refused`.
   */
  async produce(options: { source: MediaSource; rtpParameters: unknown; paused: boolean }): Promise<ProducerId> {
    const { source, paused } = options;
    const send = this.#send;
    if (send === undefined || !this.#options.publish.includes(source))
      throw new AppError('not_permitted', { detail: `source: this participant may not publish a ${source}.` });
    if (this.#streams.has(source))
      throw new AppError('media_limit', { detail: `source: this participant has a ${source} already.` });
    const rtpParameters = clientRtpParameters(options.rtpParameters, source);
    this.#streams.set(source, undefined);
    try {
      const producer = await refusing('rtpParameters: were refused.', () =>
        send.produce({ kind: kindOfSource(source), rtpParameters, paused }),
      );
      this.#assertOpen();
      const stream = { producer, personId: this.personId, source };
      this.#streams.set(source, stream);
      producer.observer.once('close', () => this.#streams.delete(source));
      this.#options.onStream(stream);
      return ProducerId.parse(producer.id);
    } catch (error) {
      this.#streams.delete(source);
      throw error;
    }
  }

  async pauseProducer(producerId: ProducerId, paused: boolean): Promise<void> {
    const { producer } = this.#stream(producerId);
    await available(() => (paused ? producer.pause() : producer.resume()));
  }

  /** Pauses its producer of a source; undefined when it has none. */
  async muteSource(source: MediaSource): Promise<ProducerId | undefined> {
    const stream = this.#streams.get(source);
    if (stream === undefined) return undefined;
    await available(() => stream.producer.pause());
    return ProducerId.parse(stream.producer.id);
  }

  closeProducer(producerId: ProducerId): void {
    this.#stream(producerId).producer.close();
  }

  /**
   * Throws `media_object_unknown` when one of them is not this peer's; the others flow all the same, since a stream may
   * have ended while the client asked for several.
   */
  async resumeConsumers(consumerIds: readonly ConsumerId[]): Promise<void> {
    const known = consumerIds.flatMap((id) => this.#consumers.get(id)?.consumer ?? []);
    await available(() => Promise.all(known.map(resume)));
    if (known.length < consumerIds.length)
      throw new AppError('media_object_unknown', { detail: 'consumerIds: one of them is not this participant’s.' });
  }

  /** Gives it a paused consumer of another's stream, if it receives and can decode it. Never throws. */
  consume(stream: Stream): Promise<void> {
    const recv = this.#recv;
    // Before there is a transport, `open` takes up whatever is there when it comes.
    if (recv === undefined || this.#closed || stream.producer.closed) return Promise.resolve();
    const consuming = this.#consume(recv, stream)
      .catch((error: unknown) => {
        // A stream or a peer that ended meanwhile has nothing to hand on.
        if (!stream.producer.closed && !recv.closed) this.#options.onConsumeFailed(error);
      })
      .finally(() => this.#consuming.delete(consuming));
    this.#consuming.add(consuming);
    return consuming;
  }

  async #consume(recv: types.WebRtcTransport, stream: Stream): Promise<void> {
    const { rtpCapabilities, canConsume } = this.#options;
    if (!canConsume(stream.producer, rtpCapabilities)) return;
    // RTX for audio too: it is what makes NACK work for Opus where the client asks for it.
    const consumer = await recv.consume({
      producerId: stream.producer.id,
      rtpCapabilities,
      paused: true,
      enableRtx: true,
    });
    const entry = { consumer, stream };
    const consumerId = ConsumerId.parse(consumer.id);
    this.#consumers.set(consumerId, entry);
    consumer.observer.once('close', () => this.#consumers.delete(consumerId));
    consumer.on('producerclose', () => this.#tell({ type: 'consumerClosed', consumerId }));
    consumer.on('producerpause', () => this.#tell({ type: 'consumerPaused', consumerId, paused: true }));
    consumer.on('producerresume', () => this.#tell({ type: 'consumerPaused', consumerId, paused: false }));
    if (this.#offered) this.#tell({ type: 'consumer', consumer: consumerOffer(entry) });
  }

  #tell(event: PeerEvent): void {
    // What happens before the offer is put together stands in the offer.
    if (this.#closed || !this.#offered) return;
    if (this.#held === undefined) this.#options.onEvent(event);
    else this.#held.push(event);
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const event of held) this.#tell(event);
  }

  #transport(transportId: TransportId): types.WebRtcTransport {
    const transport = [this.#send, this.#recv].find((candidate) => candidate?.id === transportId);
    if (transport === undefined || transport.closed)
      throw new AppError('media_object_unknown', { detail: 'transportId: is not this participant’s.' });
    return transport;
  }

  #stream(producerId: ProducerId): Stream {
    const stream = this.streams.find(({ producer }) => producer.id === producerId);
    if (stream === undefined)
      throw new AppError('media_object_unknown', { detail: 'producerId: is not this participant’s.' });
    return stream;
  }

  #assertOpen(): void {
    if (this.#closed) throw new AppError('media_peer_unknown', { detail: 'peerId: left meanwhile.' });
  }

  /** Ends its transports and all on them; the others' consumers of its streams end with them. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#send?.close();
    this.#recv?.close();
  }
}

const resume = async (consumer: types.Consumer): Promise<void> => {
  try {
    await consumer.resume();
  } catch (error) {
    // Its stream ended in the meantime, which the client is told by an event.
    if (!consumer.closed) throw error;
  }
};
