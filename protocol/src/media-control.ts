import { z } from 'zod';
import { busMethod } from './bus-method.ts';
import { ConsumerId, MediaNodeId, PeerId, PersonId, ProducerId, RoomId, TransportId } from './ids.ts';
import {
  ConsumerOffer,
  DtlsParameters,
  IceParameters,
  MediaOffer,
  MediaSource,
  RtpCapabilities,
  RtpParameters,
} from './media.ts';

/** How often a media node says that it is there; three missed ones and it is taken for dead. */
export const NODE_ANNOUNCE_INTERVAL_MS = 1_000;
export const NODE_DEAD_AFTER_MS = 3_000;

/** Published on `NODE_ANNOUNCE_SUBJECT`, also at once when it changes, and with `state: 'gone'` on a clean stop. */
export const NODE_ANNOUNCE_SUBJECT = 'media.announce';
export const NodeAnnouncement = z.object({
  nodeId: MediaNodeId,
  /** New at each start of the process, so that a node that came back empty is not taken for the one before. */
  incarnation: z.uuid(),
  state: z.enum(['up', 'draining', 'gone']),
  rooms: z.number().int().min(0),
  peers: z.number().int().min(0),
  /** Share of the busiest worker's core in the last interval, 0..1. */
  load: z.number().min(0),
  routerRtpCapabilities: RtpCapabilities,
});
export type NodeAnnouncement = z.infer<typeof NodeAnnouncement>;

/** `epoch` is the room's fencing number: a node refuses commands of a lower one with `media_stale_epoch`. */
const room = z.object({ roomId: RoomId, epoch: z.number().int().min(0) });
const peer = room.extend({ peerId: PeerId });
const done = z.object({});

/**
 * Commands of signaling to one media node, subject `media.{node}.<name>`. Errors of all: `media_stale_epoch`,
 * `media_room_unknown`, `media_peer_unknown`, `media_object_unknown`, `media_refused`, `media_unavailable`.
 */
export const MEDIA_METHODS = {
  /** Makes the room if it is not there; a higher epoch closes what an older one left. */
  openRoom: busMethod({ subject: 'media.{node}.openRoom', params: room, result: done }),
  closeRoom: busMethod({ subject: 'media.{node}.closeRoom', params: room, result: done }),
  /**
   * Lets a peer in: makes its transports and a paused consumer of every stream in the room that it can receive.
   * A peer of the same id is closed first. It may publish only the sources listed (none: no send transport).
   */
  openPeer: busMethod({
    subject: 'media.{node}.openPeer',
    params: peer.extend({
      personId: PersonId,
      rtpCapabilities: RtpCapabilities,
      publish: z.array(MediaSource).max(3),
      subscribe: z.boolean(),
    }),
    result: MediaOffer,
  }),
  closePeer: busMethod({ subject: 'media.{node}.closePeer', params: peer, result: done }),
  connectTransport: busMethod({
    subject: 'media.{node}.connectTransport',
    params: peer.extend({ transportId: TransportId, dtlsParameters: DtlsParameters }),
    result: done,
  }),
  restartIce: busMethod({
    subject: 'media.{node}.restartIce',
    params: peer.extend({ transportId: TransportId }),
    result: z.object({ iceParameters: IceParameters }),
  }),
  /** The others of the room get a consumer each, told by `consumer` events. A second one of a source: `media_limit`. */
  produce: busMethod({
    subject: 'media.{node}.produce',
    params: peer.extend({ source: MediaSource, rtpParameters: RtpParameters, paused: z.boolean() }),
    result: z.object({ producerId: ProducerId }),
  }),
  pauseProducer: busMethod({
    subject: 'media.{node}.pauseProducer',
    params: peer.extend({ producerId: ProducerId, paused: z.boolean() }),
    result: done,
  }),
  /** Pauses a peer's producer of a source, if it has one. */
  muteSource: busMethod({
    subject: 'media.{node}.muteSource',
    params: peer.extend({ source: MediaSource }),
    result: z.object({ producerId: ProducerId.optional() }),
  }),
  closeProducer: busMethod({
    subject: 'media.{node}.closeProducer',
    params: peer.extend({ producerId: ProducerId }),
    result: done,
  }),
  resumeConsumers: busMethod({
    subject: 'media.{node}.resumeConsumers',
    params: peer.extend({ consumerIds: z.array(ConsumerId).min(1).max(64) }),
    result: done,
  }),
} as const;

export const mediaSubject = (method: { subject: string }, nodeId: MediaNodeId): string =>
  method.subject.replace('{node}', nodeId);

/** Published by a node on `media.<node>.events`; in order for a room. */
export const mediaEventsSubject = (nodeId: MediaNodeId): string => `media.${nodeId}.events`;
export const MEDIA_EVENTS_PATTERN = 'media.*.events';

const event = room.extend({ nodeId: MediaNodeId });
const peerEvent = event.extend({ peerId: PeerId });
export const MediaEvent = z.discriminatedUnion('type', [
  peerEvent.extend({ type: z.literal('consumer'), consumer: ConsumerOffer }),
  peerEvent.extend({ type: z.literal('consumerClosed'), consumerId: ConsumerId }),
  peerEvent.extend({ type: z.literal('consumerPaused'), consumerId: ConsumerId, paused: z.boolean() }),
  /** The room's worker died, or the node dropped it: it must be placed anew. */
  event.extend({ type: z.literal('roomLost'), reason: z.enum(['worker-died', 'node-closed']) }),
]);
export type MediaEvent = z.infer<typeof MediaEvent>;
