import type { ConsumerId, ConsumerOffer, IceServer, MediaOffer, MediaSource, RtpCapabilities } from '@bedside/protocol';
import type { types } from 'mediasoup-client';
import { Emitter } from '../emitter.ts';
import { type VisitError, visitErrorOf } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { MediaSession } from './media-session.ts';
import type { LocalSource, Request } from './publisher.ts';
import type { RemoteMedia } from './subscriber.ts';
import { fromRtpCapabilities, toRouterCapabilities } from './wire.ts';

/** `none` before admission; `broken` while a path that was up is being mended. */
export type MediaStatus = 'none' | 'connecting' | 'connected' | 'broken';

export interface MediaEvents {
  remote: readonly RemoteMedia[];
  status: MediaStatus;
  /** One stream could not be set up. */
  failed: VisitError;
  /** The media cannot be mended: the signaling session has to be renewed. */
  lost: undefined;
}

/** The media of a visit across epochs: keeps the device and the local sources, and one `MediaSession` at a time. */
export class MediaEngine extends Emitter<MediaEvents> {
  readonly #request: Request;
  readonly #platform: Platform;
  readonly #local = new Map<MediaSource, LocalSource>();
  #device: { capabilities: string; ready: Promise<types.Device> } | undefined;
  #session: MediaSession | undefined;
  /** Rises with each offer and each end, so that what was begun for an older one does not take effect. */
  #turn = 0;
  /** What came for an offer whose device is still loading. */
  #early: Array<() => void> = [];
  #status: MediaStatus = 'none';
  iceServers: readonly IceServer[] = [];

  constructor(options: { request: Request; platform: Platform }) {
    super();
    this.#request = options.request;
    this.#platform = options.platform;
  }

  get status(): MediaStatus {
    return this.#status;
  }

  get epoch(): number | undefined {
    return this.#session?.epoch;
  }

  get session(): MediaSession | undefined {
    return this.#session;
  }

  /** Makes the device for these router capabilities, once; a second call with the same ones costs nothing. */
  load(capabilities: RtpCapabilities): Promise<types.Device> {
    const key = JSON.stringify(capabilities);
    if (this.#device?.capabilities === key) return this.#device.ready;
    const ready = this.#createDevice(capabilities);
    // A failed one must not be what the next try gets.
    ready.catch(() => {
      if (this.#device?.ready === ready) this.#device = undefined;
    });
    this.#device = { capabilities: key, ready };
    return ready;
  }

  /** What this browser can receive from that router, as `ready` wants it. */
  async receivable(capabilities: RtpCapabilities): Promise<RtpCapabilities> {
    return fromRtpCapabilities((await this.load(capabilities)).recvRtpCapabilities);
  }

  /** Drops the media of an older epoch and builds what is offered; local sources are sent again. */
  async take(offer: MediaOffer): Promise<void> {
    const turn = this.#end();
    this.#setStatus('connecting');
    try {
      const device = await this.load(offer.routerRtpCapabilities);
      if (turn !== this.#turn) return;
      this.#session = new MediaSession({
        offer,
        device,
        iceServers: this.iceServers,
        request: this.#request,
        platform: this.#platform,
        local: this.#local,
        handlers: {
          remoteChanged: (remote) => this.emit('remote', remote),
          transportChanged: () => this.#transportChanged(),
          streamFailed: (error) => this.emit('failed', visitErrorOf(error)),
          lost: () => this.emit('lost', undefined),
        },
      });
      for (const run of this.#early.splice(0)) run();
    } catch (error) {
      if (turn === this.#turn) this.emit('failed', visitErrorOf(error));
    }
  }

  /** Media is over, by the host's word or with the session. Local sources stay for the next time. */
  withdraw(): void {
    this.#end();
    this.#setStatus('none');
  }

  addConsumer(offer: ConsumerOffer): void {
    this.#later(() => void this.#session?.subscriber?.add(offer));
  }

  removeConsumer(id: ConsumerId): void {
    this.#later(() => this.#session?.subscriber?.remove(id));
  }

  pauseConsumer(id: ConsumerId, paused: boolean): void {
    this.#later(() => this.#session?.subscriber?.setPaused(id, paused));
  }

  setLocal(source: MediaSource, wanted: LocalSource | undefined): void {
    if (wanted) this.#local.set(source, wanted);
    else this.#local.delete(source);
    this.#session?.publisher?.set(source, wanted);
  }

  mutedByHost(source: MediaSource): void {
    const local = this.#local.get(source);
    if (!local) return;
    const wanted = { ...local, muted: true };
    this.#local.set(source, wanted);
    this.#session?.publisher?.mutedByHost(source, wanted);
  }

  /**
   * The signaling session was resumed while the server's media is of `serverEpoch`. False: what is here and what is
   * there do not belong together, or it is not known, and no offer is on its way.
   */
  resumed(serverEpoch: number | undefined): boolean {
    if (this.#session && this.#session.epoch === serverEpoch) return this.#session.resumed();
    const hadNone = !this.#session && serverEpoch === undefined;
    if (this.#session) this.withdraw();
    return hadNone;
  }

  close(): void {
    this.withdraw();
    this.#local.clear();
  }

  async #createDevice(capabilities: RtpCapabilities): Promise<types.Device> {
    const device = await this.#platform.createDevice();
    await device.load({ routerRtpCapabilities: toRouterCapabilities(capabilities) });
    return device;
  }

  #later(run: () => void): void {
    if (this.#session || this.#status !== 'connecting') return run();
    // Bounded by the room: no more streams come than an offer may hold, each with an end and a pause.
    if (this.#early.length < 256) this.#early.push(run);
  }

  #transportChanged(): void {
    const states = this.#session?.transportStates ?? [];
    const broken = states.some((state) => state === 'failed' || state === 'disconnected');
    if (broken) this.#setStatus('broken');
    // A transport without streams stays `new`; it says nothing about the path.
    else if (states.includes('connected') && !states.includes('connecting')) this.#setStatus('connected');
    else if (this.#status !== 'broken') this.#setStatus('connecting');
  }

  #end(): number {
    this.#early = [];
    this.#turn += 1;
    if (this.#session) {
      this.#session.close();
      this.#session = undefined;
      this.emit('remote', []);
    }
    return this.#turn;
  }

  #setStatus(status: MediaStatus): void {
    if (this.#status === status) return;
    this.#status = status;
    this.emit('status', status);
  }
}
