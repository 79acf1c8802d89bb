import { AppError, type EncounterId, type ErrorCode, MEDIA_METHODS, type PeerId, type RoomId } from '@bedside/protocol';
import type { SignalingEvents } from '../events.ts';
import type { MediaClient } from '../media-client.ts';
import type { NodeRef, Placement } from '../placement.ts';
import { type RetryDelays, retryDelayMs } from '../retry.ts';
import type { RoomEffect, RoomEvent } from './room-state.ts';

type Effect<Type extends RoomEffect['type']> = Extract<RoomEffect, { type: Type }>;

/** The room is not where it was thought to be; anything else is the fault of one request. */
const ROOM_IS_LOST: readonly ErrorCode[] = [
  'unavailable',
  'media_unavailable',
  'media_room_unknown',
  'media_stale_epoch',
];

/** A node that does not know the peer or the room, or has a newer one, has closed it. */
const IS_CLOSED: readonly ErrorCode[] = ['media_peer_unknown', 'media_room_unknown', 'media_stale_epoch'];

const isClosed = (error: unknown): boolean => error instanceof AppError && IS_CLOSED.includes(error.code);

const isRoomLost = (error: unknown): boolean => error instanceof AppError && ROOM_IS_LOST.includes(error.code);

/** Carries out on media nodes what a room has decided, and tells the room how it went. */
export class RoomMedia {
  readonly #encounterId: EncounterId;
  readonly #roomId: RoomId;
  readonly #media: MediaClient;
  readonly #placement: Placement;
  readonly #events: SignalingEvents;
  readonly #delays: RetryDelays;
  readonly #dispatch: (event: RoomEvent) => void;
  #node: NodeRef | undefined;
  #placing: Promise<void> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;
  /** Peers that the node is making. A peer is closed only after that, or the closing would come to nothing. */
  readonly #opening = new Map<PeerId, Promise<void>>();

  constructor(options: {
    encounterId: EncounterId;
    roomId: RoomId;
    media: MediaClient;
    placement: Placement;
    events: SignalingEvents;
    delays: RetryDelays;
    dispatch: (event: RoomEvent) => void;
  }) {
    this.#encounterId = options.encounterId;
    this.#roomId = options.roomId;
    this.#media = options.media;
    this.#placement = options.placement;
    this.#events = options.events;
    this.#delays = options.delays;
    this.#dispatch = options.dispatch;
  }

  /** Where the room is or is being placed. */
  get node(): NodeRef | undefined {
    return this.#node;
  }

  openRoom({ epoch }: Effect<'openRoom'>): void {
    clearTimeout(this.#retry);
    const before = this.#node;
    const node = this.#placement.pick();
    this.#node = node;
    // A node that only answered too late still holds the room; the one that gets it now replaces it by the epoch.
    if (before !== undefined && before.nodeId !== node?.nodeId) void this.#closeRoomOn(before, epoch - 1);
    if (node === undefined) {
      this.#events.mediaLost(this.#encounterId, 'no-node', epoch);
      this.#dispatch({ type: 'placeFailed', epoch });
      return;
    }
    this.#placing = this.#openRoomOn(node, epoch);
  }

  async #openRoomOn(node: NodeRef, epoch: number): Promise<void> {
    try {
      await this.#media.send(node.nodeId, MEDIA_METHODS.openRoom, { roomId: this.#roomId, epoch });
      if (!this.#placement.isAlive(node)) throw new AppError('media_unavailable');
      this.#events.roomPlaced(this.#encounterId, node.nodeId, epoch);
      this.#dispatch({ type: 'placed', epoch });
    } catch {
      this.#events.mediaLost(this.#encounterId, 'node-refused', epoch);
      this.#dispatch({ type: 'placeFailed', epoch });
    }
  }

  /** Without a node there is nothing to try: the next one that comes up is told to the room. */
  retryLater({ attempt }: Effect<'retryLater'>): void {
    clearTimeout(this.#retry);
    if (!this.#placement.hasNode) return;
    this.#retry = setTimeout(() => this.#dispatch({ type: 'retryDue' }), retryDelayMs(this.#delays, attempt - 1));
  }

  async openPeer(effect: Effect<'openPeer'>): Promise<void> {
    const node = this.#node;
    if (node === undefined) return;
    const { peerId, epoch, personId, rtpCapabilities, subscribe } = effect;
    const publish = [...effect.publish];
    const { promise: settled, resolve: settle } = Promise.withResolvers<void>();
    this.#opening.set(peerId, settled);
    try {
      const params = { roomId: this.#roomId, epoch, peerId, personId, rtpCapabilities, publish, subscribe };
      const offer = await this.#media.send(node.nodeId, MEDIA_METHODS.openPeer, params);
      this.#dispatch({ type: 'peerOpened', peerId, offer });
    } catch (error) {
      if (isRoomLost(error)) this.lost(epoch);
      else {
        this.#events.peerRefused(this.#encounterId, error);
        await this.#closePeerOn(node, { peerId, epoch });
        this.#dispatch({ type: 'peerRefused', peerId });
      }
    } finally {
      this.#opening.delete(peerId);
      settle();
    }
  }

  async closePeer({ peerId, epoch }: Effect<'closePeer'>): Promise<void> {
    const node = this.#node;
    await this.#opening.get(peerId);
    if (node !== undefined) await this.#closePeerOn(node, { peerId, epoch });
    this.#dispatch({ type: 'peerClosed', peerId });
  }

  async #closePeerOn(node: NodeRef, { peerId, epoch }: { peerId: PeerId; epoch: number }): Promise<void> {
    if (!this.#placement.isAlive(node)) return;
    try {
      await this.#media.send(node.nodeId, MEDIA_METHODS.closePeer, { roomId: this.#roomId, epoch, peerId });
    } catch (error) {
      if (!isClosed(error)) this.#events.mediaCloseFailed(this.#encounterId, error);
    }
  }

  /** What the node itself, or its silence, says of the placement of that epoch. */
  lost(epoch: number): void {
    this.#events.mediaLost(this.#encounterId, 'room-lost', epoch);
    this.#dispatch({ type: 'roomLost', epoch });
  }

  /** Resolves when the node has closed the room, or cannot. */
  async closeRoom(epoch: number): Promise<void> {
    clearTimeout(this.#retry);
    const node = this.#node;
    this.#node = undefined;
    await this.#placing;
    if (node !== undefined) await this.#closeRoomOn(node, epoch);
  }

  /** `epoch` need only be no older than the room's on that node. */
  async #closeRoomOn(node: NodeRef, epoch: number): Promise<void> {
    if (!this.#placement.isAlive(node)) return;
    try {
      await this.#media.send(node.nodeId, MEDIA_METHODS.closeRoom, { roomId: this.#roomId, epoch });
    } catch (error) {
      if (!isClosed(error)) this.#events.mediaCloseFailed(this.#encounterId, error);
    }
  }

  stop(): void {
    clearTimeout(this.#retry);
  }
}
