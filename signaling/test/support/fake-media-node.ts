import { randomUUID } from 'node:crypto';
import { type Bus, type BusSubscription, type Method, serve } from '@bedside/kit';
import {
  AppError,
  busErrors,
  ConsumerId,
  type ConsumerOffer,
  type ErrorCode,
  kindOfSource,
  MEDIA_METHODS,
  type MediaEvent,
  MediaNodeId,
  type MediaSource,
  mediaEventsSubject,
  mediaSubject,
  NODE_ANNOUNCE_SUBJECT,
  type NodeAnnouncement,
  type PeerId,
  type PersonId,
  ProducerId,
  type RoomId,
  type RtpCapabilities,
  type RtpParameters,
  TransportId,
  type TransportOffer,
} from '@bedside/protocol';
import type { z } from 'zod';
import { Journal } from './journal.ts';

type Name = keyof typeof MEDIA_METHODS;
interface Call {
  readonly method: Name;
  readonly params: Readonly<Record<string, unknown>> & { readonly roomId: RoomId; readonly epoch: number };
}
interface Producer {
  readonly id: ProducerId;
  readonly source: MediaSource;
  paused: boolean;
}
interface Peer {
  readonly personId: PersonId;
  readonly subscribe: boolean;
  readonly transports: readonly TransportId[];
  readonly producers: Map<ProducerId, Producer>;
  readonly consumers: Map<ConsumerId, ProducerId>;
}
interface Room {
  readonly epoch: number;
  readonly peers: Map<PeerId, Peer>;
}

export const CAPABILITIES: RtpCapabilities = { codecs: [{ mimeType: 'audio/opus', clockRate: 48_000, channels: 2 }] };
export const PARAMETERS: RtpParameters = { codecs: [{ mimeType: 'audio/opus', clockRate: 48_000, channels: 2 }] };
export const DTLS = { fingerprints: [{ algorithm: 'sha-256', value: 'AA:BB' }] };

const transportOffer = (id: TransportId): TransportOffer => ({
  id,
  iceParameters: { usernameFragment: 'u', password: 'p' },
  iceCandidates: [],
  dtlsParameters: DTLS,
});

/** A media node as signaling meets it on the bus: rooms and peers without media. */
export class FakeMediaNode {
  readonly nodeId: MediaNodeId;
  readonly calls = new Journal<Call>();
  readonly rooms = new Map<RoomId, Room>();
  readonly #bus: Bus;
  readonly #subscriptions: BusSubscription[] = [];
  readonly #refusals = new Map<Name, ErrorCode>();
  readonly #gates = new Map<Name, Promise<void>>();
  #incarnation: string = randomUUID();

  constructor(bus: Bus, nodeId = 'node-1') {
    this.#bus = bus;
    this.nodeId = MediaNodeId.parse(nodeId);
    this.#serve('openRoom', MEDIA_METHODS.openRoom, ({ roomId, epoch }) => {
      const known = this.rooms.get(roomId);
      if (known !== undefined && known.epoch > epoch) throw new AppError('media_stale_epoch');
      if (known?.epoch !== epoch) this.rooms.set(roomId, { epoch, peers: new Map() });
      return {};
    });
    this.#serve('closeRoom', MEDIA_METHODS.closeRoom, (params) => {
      this.#room(params);
      this.rooms.delete(params.roomId);
      return {};
    });
    this.#serve('openPeer', MEDIA_METHODS.openPeer, (params) => {
      const room = this.#room(params);
      const transports = [params.publish.length > 0, params.subscribe]
        .filter((wanted) => wanted)
        .map(() => TransportId.parse(randomUUID()));
      const peer: Peer = {
        personId: params.personId,
        subscribe: params.subscribe,
        transports,
        producers: new Map(),
        consumers: new Map(),
      };
      const consumers = [...room.peers.values()].flatMap((other) =>
        params.subscribe ? [...other.producers.values()].map((producer) => this.#consume(peer, other, producer)) : [],
      );
      room.peers.set(params.peerId, peer);
      const send = params.publish.length > 0 ? transports[0] : undefined;
      const recv = params.subscribe ? transports.at(-1) : undefined;
      return {
        epoch: params.epoch,
        routerRtpCapabilities: CAPABILITIES,
        consumers,
        ...(send === undefined ? {} : { send: transportOffer(send) }),
        ...(recv === undefined ? {} : { recv: transportOffer(recv) }),
      };
    });
    this.#serve('closePeer', MEDIA_METHODS.closePeer, (params) => {
      const room = this.#room(params);
      const peer = this.#peer(params);
      room.peers.delete(params.peerId);
      for (const [peerId, other] of room.peers) {
        for (const [consumerId, producerId] of other.consumers) {
          if (!peer.producers.has(producerId)) continue;
          other.consumers.delete(consumerId);
          this.#emit({
            type: 'consumerClosed',
            nodeId: this.nodeId,
            roomId: params.roomId,
            epoch: room.epoch,
            peerId,
            consumerId,
          });
        }
      }
      return {};
    });
    this.#serve('connectTransport', MEDIA_METHODS.connectTransport, (params) => {
      if (!this.#peer(params).transports.includes(params.transportId)) throw new AppError('media_object_unknown');
      return {};
    });
    this.#serve('restartIce', MEDIA_METHODS.restartIce, (params) => {
      if (!this.#peer(params).transports.includes(params.transportId)) throw new AppError('media_object_unknown');
      return { iceParameters: { usernameFragment: 'u2', password: 'p2' } };
    });
    this.#serve('produce', MEDIA_METHODS.produce, (params) => {
      const peer = this.#peer(params);
      if ([...peer.producers.values()].some(({ source }) => source === params.source))
        throw new AppError('media_limit');
      const producer: Producer = { id: ProducerId.parse(randomUUID()), source: params.source, paused: params.paused };
      peer.producers.set(producer.id, producer);
      const { roomId, epoch } = params;
      for (const [peerId, other] of this.#room(params).peers) {
        if (other === peer || !other.subscribe) continue;
        const consumer = this.#consume(other, peer, producer);
        this.#emit({ type: 'consumer', nodeId: this.nodeId, roomId, epoch, peerId, consumer });
      }
      return { producerId: producer.id };
    });
    this.#serve('pauseProducer', MEDIA_METHODS.pauseProducer, (params) => {
      const producer = this.#peer(params).producers.get(params.producerId);
      if (producer === undefined) throw new AppError('media_object_unknown');
      this.#pause(params.roomId, producer, params.paused);
      return {};
    });
    this.#serve('muteSource', MEDIA_METHODS.muteSource, (params) => {
      const producer = [...this.#peer(params).producers.values()].find(({ source }) => source === params.source);
      if (producer === undefined) return {};
      this.#pause(params.roomId, producer, true);
      return { producerId: producer.id };
    });
    this.#serve('closeProducer', MEDIA_METHODS.closeProducer, (params) => {
      if (!this.#peer(params).producers.delete(params.producerId)) throw new AppError('media_object_unknown');
      return {};
    });
    this.#serve('resumeConsumers', MEDIA_METHODS.resumeConsumers, (params) => {
      const peer = this.#peer(params);
      if (params.consumerIds.some((id) => !peer.consumers.has(id))) throw new AppError('media_object_unknown');
      return {};
    });
  }

  announce(state: NodeAnnouncement['state'] = 'up', change: Partial<NodeAnnouncement> = {}): void {
    const announcement: NodeAnnouncement = {
      nodeId: this.nodeId,
      incarnation: this.#incarnation,
      state,
      rooms: this.rooms.size,
      peers: 0,
      load: 0,
      routerRtpCapabilities: CAPABILITIES,
      ...change,
    };
    this.#bus.publish(NODE_ANNOUNCE_SUBJECT, announcement);
  }

  /** The process died and came back with nothing. */
  restart(): void {
    this.rooms.clear();
    this.#incarnation = randomUUID();
    this.announce();
  }

  /** A worker died with this room. */
  loseRoom(roomId: RoomId): void {
    const epoch = this.rooms.get(roomId)?.epoch ?? 0;
    this.rooms.delete(roomId);
    this.#emit({ type: 'roomLost', nodeId: this.nodeId, roomId, epoch, reason: 'worker-died' });
  }

  refuse(method: Name, code: ErrorCode | undefined): void {
    if (code === undefined) this.#refusals.delete(method);
    else this.#refusals.set(method, code);
  }

  hold(method: Name): { open: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gates.set(method, promise);
    return {
      open: () => {
        this.#gates.delete(method);
        resolve();
      },
    };
  }

  peersOf(roomId: RoomId): PersonId[] {
    return [...(this.rooms.get(roomId)?.peers.values() ?? [])].map((peer) => peer.personId);
  }

  /** Nobody answers any more, as after a crash. */
  die(): void {
    for (const subscription of this.#subscriptions) subscription.close();
  }

  #serve<Params extends z.ZodType, Result extends z.ZodType>(
    name: Name,
    method: Method<Params, Result>,
    handler: (params: z.output<Params>) => z.input<Result>,
  ): void {
    const addressed = { ...method, subject: mediaSubject(method, this.nodeId) };
    const answer = async (params: z.output<Params>): Promise<z.input<Result>> => {
      this.calls.add({ method: name, params: params as Call['params'] });
      await this.#gates.get(name);
      const code = this.#refusals.get(name);
      if (code !== undefined) throw new AppError(code);
      return handler(params);
    };
    this.#subscriptions.push(serve(this.#bus, addressed, answer, { errors: busErrors }));
  }

  #room({ roomId, epoch }: { roomId: RoomId; epoch: number }): Room {
    const room = this.rooms.get(roomId);
    if (room === undefined) throw new AppError('media_room_unknown');
    if (room.epoch > epoch) throw new AppError('media_stale_epoch');
    return room;
  }

  #peer(params: { roomId: RoomId; epoch: number; peerId: PeerId }): Peer {
    const peer = this.#room(params).peers.get(params.peerId);
    if (peer === undefined) throw new AppError('media_peer_unknown');
    return peer;
  }

  #consume(receiver: Peer, sender: Peer, producer: Producer): ConsumerOffer {
    const id = ConsumerId.parse(randomUUID());
    receiver.consumers.set(id, producer.id);
    return {
      id,
      producerId: producer.id,
      personId: sender.personId,
      kind: kindOfSource(producer.source),
      source: producer.source,
      rtpParameters: PARAMETERS,
      producerPaused: producer.paused,
    };
  }

  #pause(roomId: RoomId, producer: Producer, paused: boolean): void {
    producer.paused = paused;
    const room = this.rooms.get(roomId);
    for (const [peerId, other] of room?.peers ?? []) {
      for (const [consumerId, producerId] of other.consumers) {
        if (producerId !== producer.id) continue;
        this.#emit({
          type: 'consumerPaused',
          nodeId: this.nodeId,
          roomId,
          epoch: room?.epoch ?? 0,
          peerId,
          consumerId,
          paused,
        });
      }
    }
  }

  #emit(event: MediaEvent): void {
    this.#bus.publish(mediaEventsSubject(this.nodeId), event);
  }
}
