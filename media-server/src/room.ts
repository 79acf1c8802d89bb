import {
  AppError,
  type MediaEvent,
  type MediaOffer,
  type MediaSource,
  type PeerId,
  type PersonId,
  type RoomId,
} from '@bedside/protocol';
import type { types } from 'mediasoup';
import { clientRtpCapabilities } from './client-parameters.ts';
import type { MediaServerConfig } from './config.ts';
import type { MediaEvents } from './events.ts';
import type { MediaWorker } from './media-worker.ts';
import { Peer } from './peer.ts';
import { available } from './refusals.ts';
import type { Stream } from './stream.ts';
import { createWebRtcTransport } from './transports.ts';

interface RoomOptions {
  readonly id: RoomId;
  readonly epoch: number;
  readonly worker: MediaWorker;
  readonly config: MediaServerConfig;
  readonly events: MediaEvents;
  readonly publish: (event: MediaEvent) => void;
}

/** One placement of a room on this node: a router on one worker, and the peers that meet there. */
export class Room {
  readonly id: RoomId;
  readonly epoch: number;
  readonly worker: MediaWorker;
  readonly #options: RoomOptions;
  readonly #router: types.Router;
  readonly #peers = new Map<PeerId, Peer>();
  #closed = false;

  private constructor(options: RoomOptions, router: types.Router) {
    this.id = options.id;
    this.epoch = options.epoch;
    this.worker = options.worker;
    this.#options = options;
    this.#router = router;
  }

  /** Throws `media_unavailable`. */
  static async open(options: RoomOptions): Promise<Room> {
    return new Room(options, await available(() => options.worker.createRouter()));
  }

  get peers(): readonly Peer[] {
    return [...this.#peers.values()];
  }

  /** Throws `media_refused` for unusable capabilities, `media_limit` when the room is full, `media_unavailable`. */
  async openPeer(options: {
    peerId: PeerId;
    personId: PersonId;
    rtpCapabilities: unknown;
    publish: readonly MediaSource[];
    subscribe: boolean;
  }): Promise<MediaOffer> {
    const { peerId, personId } = options;
    const startedAtMs = performance.now();
    this.#assertOpen();
    const rtpCapabilities = clientRtpCapabilities(options.rtpCapabilities);
    this.closePeer(peerId);
    const { config, events, publish } = this.#options;
    if (this.#peers.size >= config.maxPeersPerRoom)
      throw new AppError('media_limit', { detail: 'roomId: the room is full.' });
    const room = { nodeId: config.nodeId, roomId: this.id, epoch: this.epoch };
    const peer = new Peer({
      id: peerId,
      personId,
      rtpCapabilities,
      publish: options.publish,
      subscribe: options.subscribe,
      createTransport: (direction) =>
        createWebRtcTransport({ router: this.#router, webRtcServer: this.worker.webRtcServer, direction, config }),
      canConsume: (producer, capabilities) =>
        this.#router.canConsume({ producerId: producer.id, rtpCapabilities: capabilities }),
      onEvent: (event) => publish({ ...room, peerId, ...event }),
      onStream: (stream) => this.#handOn(peer, stream),
      onConsumeFailed: (error) => events.consumeFailed({ roomId: this.id, peerId, error }),
    });
    this.#peers.set(peerId, peer);
    try {
      const offer = await peer.open(this.epoch, () => this.#streamsFor(peer));
      events.peerOpened({ roomId: this.id, peerId, durationMs: performance.now() - startedAtMs });
      return offer;
    } catch (error) {
      this.#drop(peer);
      throw error;
    }
  }

  /** The peer, once its offer is on the way or answered. Throws `media_peer_unknown`. */
  peer(peerId: PeerId): Peer {
    const peer = this.#peers.get(peerId);
    if (peer === undefined) throw new AppError('media_peer_unknown', { detail: 'peerId: is not in this room.' });
    return peer;
  }

  /** Changes nothing when there is no such peer. */
  closePeer(peerId: PeerId): void {
    const peer = this.#peers.get(peerId);
    if (peer !== undefined) this.#drop(peer);
  }

  #drop(peer: Peer): void {
    if (this.#peers.get(peer.id) === peer) this.#peers.delete(peer.id);
    peer.close();
  }

  #streamsFor(receiver: Peer): Stream[] {
    return this.peers.filter((peer) => peer !== receiver).flatMap((peer) => peer.streams);
  }

  #handOn(sender: Peer, stream: Stream): void {
    for (const peer of this.#peers.values()) {
      if (peer !== sender) void peer.consume(stream);
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw new AppError('media_room_unknown', { detail: 'roomId: was closed meanwhile.' });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const peer of this.#peers.values()) peer.close();
    this.#peers.clear();
    this.#router.close();
  }
}
