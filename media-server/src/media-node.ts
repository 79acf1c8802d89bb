import { AppError, type MediaEvent, type PeerId, type RoomId } from '@bedside/protocol';
import type { MediaServerConfig } from './config.ts';
import { Epochs } from './epochs.ts';
import type { MediaCounts, MediaEvents } from './events.ts';
import type { MediaWorker } from './media-worker.ts';
import type { Peer } from './peer.ts';
import { Room } from './room.ts';
import type { WorkerPool } from './worker-pool.ts';

/** A room's place in the node, taken before its router is made. */
interface Placement {
  readonly roomId: RoomId;
  readonly epoch: number;
  readonly worker: MediaWorker;
  readonly release: () => void;
  readonly opening: Promise<Room>;
  /** Set when `opening` is done. */
  room: Room | undefined;
  closed: boolean;
}

/** Epochs are remembered of at least this many rooms beyond those that may be open. */
const EPOCHS_REMEMBERED = 10_000;

/** All rooms of this node, each under the epoch of its present placement. */
export class MediaNode {
  readonly #config: MediaServerConfig;
  readonly #events: MediaEvents;
  readonly #pool: WorkerPool;
  readonly #publish: (event: MediaEvent) => void;
  readonly #onChange: () => void;
  readonly #placements = new Map<RoomId, Placement>();
  readonly #epochs: Epochs;
  #draining = false;

  constructor(options: {
    config: MediaServerConfig;
    events: MediaEvents;
    pool: WorkerPool;
    publish: (event: MediaEvent) => void;
    onChange: () => void;
  }) {
    this.#config = options.config;
    this.#events = options.events;
    this.#pool = options.pool;
    this.#publish = options.publish;
    this.#onChange = options.onChange;
    this.#epochs = new Epochs(options.config.maxRooms + EPOCHS_REMEMBERED);
  }

  /** From now on no room is opened; those that are here go on. */
  drain(): void {
    this.#draining = true;
    this.#onChange();
  }

  get draining(): boolean {
    return this.#draining;
  }

  get counts(): MediaCounts {
    const counts = { rooms: this.#placements.size, peers: 0, producers: { audio: 0, video: 0 }, consumers: 0 };
    for (const { room } of this.#placements.values()) {
      for (const peer of room?.peers ?? []) {
        counts.peers += 1;
        counts.consumers += peer.consumerCount;
        for (const { producer } of peer.streams) counts.producers[producer.kind] += 1;
      }
    }
    return counts;
  }

  /** Makes the room where it is not there; an older placement is closed. Throws `media_stale_epoch`, `media_unavailable`. */
  async openRoom(roomId: RoomId, epoch: number): Promise<void> {
    this.#epochs.check(roomId, epoch);
    const present = this.#placements.get(roomId);
    if (present !== undefined && present.epoch === epoch) {
      await present.opening;
      return;
    }
    if (present !== undefined) this.#close(present, 'superseded');
    if (this.#draining) throw new AppError('media_unavailable', { detail: 'state: this node is draining.' });
    if (this.#placements.size >= this.#config.maxRooms)
      throw new AppError('media_unavailable', { detail: 'rooms: this node is full.' });
    await this.#place(roomId, epoch).opening;
  }

  #place(roomId: RoomId, epoch: number): Placement {
    const { worker, release } = this.#pool.take();
    const opening = Room.open({
      id: roomId,
      epoch,
      worker,
      config: this.#config,
      events: this.#events,
      publish: this.#publish,
    });
    const placement: Placement = { roomId, epoch, worker, release, opening, room: undefined, closed: false };
    this.#placements.set(roomId, placement);
    opening.then(
      (room) => {
        placement.room = room;
        if (placement.closed) room.close();
        else this.#events.roomOpened({ roomId, epoch });
        this.#onChange();
      },
      () => this.#close(placement, 'not-opened'),
    );
    return placement;
  }

  /** Changes nothing when there is no such room. Throws `media_stale_epoch`. */
  closeRoom(roomId: RoomId, epoch: number): void {
    this.#epochs.check(roomId, epoch);
    const placement = this.#placements.get(roomId);
    if (placement !== undefined) this.#close(placement, 'closed');
  }

  /** The room of exactly this epoch. Throws `media_stale_epoch`, `media_room_unknown`. */
  async room(roomId: RoomId, epoch: number): Promise<Room> {
    const placement = this.#placements.get(roomId);
    if (placement !== undefined && epoch < placement.epoch)
      throw new AppError('media_stale_epoch', { detail: 'epoch: is older than the room’s.' });
    const room = placement?.epoch === epoch ? await placement.opening : undefined;
    if (room === undefined || placement?.closed === true)
      throw new AppError('media_room_unknown', { detail: 'roomId: is not on this node with this epoch.' });
    return room;
  }

  async peer(address: { roomId: RoomId; epoch: number; peerId: PeerId }): Promise<Peer> {
    return (await this.room(address.roomId, address.epoch)).peer(address.peerId);
  }

  /** Tells that peers came or went. */
  changed(): void {
    this.#onChange();
  }

  /** Drops the rooms of a worker that died and tells of each. */
  loseWorker(worker: MediaWorker): void {
    for (const placement of [...this.#placements.values()]) {
      if (placement.worker === worker) this.#lose(placement, 'worker-died');
    }
  }

  #lose(placement: Placement, reason: 'worker-died' | 'node-closed'): void {
    this.#close(placement, reason);
    this.#publish({
      type: 'roomLost',
      nodeId: this.#config.nodeId,
      roomId: placement.roomId,
      epoch: placement.epoch,
      reason,
    });
  }

  #close(placement: Placement, reason: string): void {
    if (placement.closed) return;
    placement.closed = true;
    if (this.#placements.get(placement.roomId) === placement) this.#placements.delete(placement.roomId);
    placement.room?.close();
    placement.release();
    this.#events.roomClosed({ roomId: placement.roomId, epoch: placement.epoch, reason });
    this.#onChange();
  }

  /** Drops every room and tells of each. */
  close(): void {
    this.#draining = true;
    for (const placement of [...this.#placements.values()]) this.#lose(placement, 'node-closed');
  }
}
