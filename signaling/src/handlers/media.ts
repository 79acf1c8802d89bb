import {
  AppError,
  type ConsumerId,
  type ErrorCode,
  MEDIA_METHODS,
  type MediaSource,
  type Permission,
} from '@bedside/protocol';
import type { PeerAddress } from '../room/room.ts';
import { type Handler, type RequestContext, requirePermission } from './handler.ts';

const PERMISSION_OF = {
  microphone: 'publishAudio',
  camera: 'publishVideo',
  screen: 'publishScreen',
} as const satisfies Record<MediaSource, Permission>;

/** The node has another room than signaling thinks, or none: it has to be placed anew. */
const ROOM_IS_GONE: readonly ErrorCode[] = ['media_room_unknown', 'media_peer_unknown', 'media_stale_epoch'];

/** Runs a command about the session's own peer. Naming its transport shows that the client has the offer. */
const onPeer = async <Result>(
  { room, session }: RequestContext,
  command: (address: PeerAddress) => Promise<Result>,
  consumerIds: readonly ConsumerId[] = [],
): Promise<Result> => {
  const address = room.peerOf(room.member(session));
  try {
    const result = await command(address);
    room.dispatch({ type: 'acknowledged', sessionId: session.id, consumerIds });
    return result;
  } catch (error) {
    const { epoch, peerId } = address.peer;
    const media = room.member(session)?.media;
    const isStill = media?.kind === 'open' && media.peerId === peerId;
    if (isStill && error instanceof AppError && ROOM_IS_GONE.includes(error.code)) room.mediaLost(epoch);
    throw error;
  }
};

export const connect: Handler<'media.connect'> = async (context, params) => {
  await onPeer(context, ({ nodeId, peer }) =>
    context.media.send(nodeId, MEDIA_METHODS.connectTransport, { ...peer, ...params }),
  );
  return undefined;
};

export const restartIce: Handler<'media.restartIce'> = (context, params) =>
  onPeer(context, ({ nodeId, peer }) => context.media.send(nodeId, MEDIA_METHODS.restartIce, { ...peer, ...params }));

export const produce: Handler<'media.produce'> = async (context, params) => {
  requirePermission(context, PERMISSION_OF[params.source]);
  return onPeer(context, ({ nodeId, peer }) =>
    context.media.send(nodeId, MEDIA_METHODS.produce, { ...peer, ...params }),
  );
};

export const pause: Handler<'media.pause'> = async (context, params) => {
  const { room, session } = context;
  await onPeer(context, ({ nodeId, peer }) =>
    context.media.send(nodeId, MEDIA_METHODS.pauseProducer, { ...peer, ...params }),
  );
  room.dispatch({ type: 'takenUp', sessionId: session.id, producerId: params.producerId });
  return undefined;
};

export const close: Handler<'media.close'> = async (context, params) => {
  const { room, session } = context;
  await onPeer(context, ({ nodeId, peer }) =>
    context.media.send(nodeId, MEDIA_METHODS.closeProducer, { ...peer, ...params }),
  );
  room.dispatch({ type: 'takenUp', sessionId: session.id, producerId: params.producerId });
  return undefined;
};

export const resume: Handler<'media.resume'> = async (context, params) => {
  await onPeer(
    context,
    ({ nodeId, peer }) => context.media.send(nodeId, MEDIA_METHODS.resumeConsumers, { ...peer, ...params }),
    params.consumerIds,
  );
  return undefined;
};

/** Pauses the other's producer on the node (SPEC MED5); a source that is not sent is muted already. */
export const mute: Handler<'mute'> = async (context, { personId, source }) => {
  requirePermission(context, 'mute');
  const { room, session, media, core, events } = context;
  const { nodeId, peer } = room.peerOf(room.present(personId));
  const { producerId } = await media.send(nodeId, MEDIA_METHODS.muteSource, { ...peer, source });
  if (producerId === undefined) return undefined;
  room.dispatch({ type: 'muted', personId, mute: { producerId, source, by: session.personId } });
  // The mute stands whether or not core can write it down now: a microphone that is on must not wait for a database.
  core.recordMute(session, personId).catch((error) => events.coreCallFailed('recordMute', error));
  return undefined;
};
