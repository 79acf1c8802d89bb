import type { IceServer, MediaOffer, MediaSource, TransportOffer } from '@bedside/protocol';
import type { types } from 'mediasoup-client';
import { isConnectionLoss } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { IceKeeper } from './ice-keeper.ts';
import { type LocalSource, Publisher, type Request } from './publisher.ts';
import { type RemoteMedia, Subscriber } from './subscriber.ts';
import { fromDtlsParameters, toTransportOptions } from './wire.ts';

export interface MediaSessionHandlers {
  remoteChanged(remote: readonly RemoteMedia[]): void;
  transportChanged(): void;
  /** One stream could not be set up; the others go on. */
  streamFailed(error: unknown): void;
  /** Nothing here can mend it: a new session with signaling has to. */
  lost(): void;
}

/** The media of one epoch: both transports with all that runs over them. Closed as a whole, never reused. */
export class MediaSession {
  readonly epoch: number;
  readonly publisher: Publisher | undefined;
  readonly subscriber: Subscriber | undefined;
  readonly #request: Request;
  readonly #handlers: MediaSessionHandlers;
  readonly #transports: types.Transport[] = [];
  readonly #keepers: IceKeeper[] = [];
  /** A request of the set-up went out and no answer came: nobody knows what the server has. */
  #unsettled = false;
  #closed = false;

  constructor(options: {
    offer: MediaOffer;
    device: types.Device;
    iceServers: readonly IceServer[];
    request: Request;
    platform: Platform;
    local: ReadonlyMap<MediaSource, LocalSource>;
    handlers: MediaSessionHandlers;
  }) {
    const { offer, device, iceServers, platform, handlers } = options;
    this.epoch = offer.epoch;
    this.#request = options.request;
    this.#handlers = handlers;
    const failed = (error: unknown) => this.#requestFailed(error);

    if (offer.recv) {
      const transport = device.createRecvTransport(toTransportOptions(offer.recv, iceServers));
      this.#watch(transport, offer.recv, platform);
      this.subscriber = new Subscriber({
        transport,
        request: options.request,
        createStream: platform.createStream,
        changed: handlers.remoteChanged,
        failed,
      });
      this.subscriber.addFirst(offer.consumers);
    }
    if (offer.send) {
      const transport = device.createSendTransport(toTransportOptions(offer.send, iceServers));
      this.#watch(transport, offer.send, platform);
      const { codecs } = device.sendRtpCapabilities;
      this.publisher = new Publisher({ transport, codecs, request: options.request, failed });
      for (const [source, wanted] of options.local) this.publisher.set(source, wanted);
    }
  }

  get transportStates(): types.ConnectionState[] {
    return this.#transports.map(({ connectionState }) => connectionState);
  }

  getStats(): Promise<RTCStatsReport[]> {
    return Promise.all(this.#transports.filter(({ closed }) => !closed).map((transport) => transport.getStats()));
  }

  /** The signaling session was resumed in the same epoch. False: what the server has is not known, start anew. */
  resumed(): boolean {
    if (this.#unsettled) return false;
    this.publisher?.repeat();
    for (const keeper of this.#keepers) keeper.restartNow();
    return true;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const keeper of this.#keepers) keeper.close();
    this.publisher?.close();
    this.subscriber?.close();
    for (const transport of this.#transports) transport.close();
  }

  #watch(transport: types.Transport, { id }: TransportOffer, platform: Platform): void {
    transport.on('connect', ({ dtlsParameters }, callback) => {
      // Requests are handled in order (SPEC ENV6), so whatever follows may be sent without waiting for this answer.
      this.#request('media.connect', {
        transportId: id,
        dtlsParameters: fromDtlsParameters(dtlsParameters),
      }).catch((error) => this.#requestFailed(error, 'fatal'));
      callback();
    });
    const keeper = new IceKeeper({
      transport,
      request: this.#request,
      platform,
      gaveUp: () => this.#lose(),
    });
    transport.on('connectionstatechange', (state) => {
      keeper.stateChanged(state);
      if (!this.#closed) this.#handlers.transportChanged();
    });
    this.#transports.push(transport);
    this.#keepers.push(keeper);
  }

  #requestFailed(error: unknown, weight: 'stream' | 'fatal' = 'stream'): void {
    if (this.#closed) return;
    if (isConnectionLoss(error)) this.#unsettled = true;
    else if (weight === 'fatal') this.#lose();
    else this.#handlers.streamFailed(error);
  }

  #lose(): void {
    if (!this.#closed) this.#handlers.lost();
  }
}
