import { type Bus, type BusSubscription, serve } from '@bedside/kit';
import {
  type BusMethod,
  busErrors,
  errorCodeOf,
  MEDIA_METHODS,
  type MediaNodeId,
  mediaSubject,
} from '@bedside/protocol';
import type { z } from 'zod';
import type { MediaEvents } from './events.ts';
import type { MediaNode } from './media-node.ts';

/** Serves `MEDIA_METHODS` for this node; closing the subscription ends that. */
export const serveMediaControl = (options: {
  bus: Bus;
  nodeId: MediaNodeId;
  node: MediaNode;
  events: MediaEvents;
}): BusSubscription => {
  const { bus, nodeId, node, events } = options;
  const subscriptions: BusSubscription[] = [];

  const on = <Params extends z.ZodType, Result extends z.ZodType>(
    name: string,
    method: BusMethod<Params, Result>,
    handler: (params: z.output<Params>) => Promise<z.input<Result>>,
  ): void => {
    const timed = async (params: z.output<Params>): Promise<z.input<Result>> => {
      const startedAtMs = performance.now();
      try {
        const result = await handler(params);
        events.command({ name, code: 'ok', durationMs: performance.now() - startedAtMs });
        return result;
      } catch (error) {
        events.command({ name, code: errorCodeOf(error), durationMs: performance.now() - startedAtMs, error });
        throw error;
      }
    };
    subscriptions.push(serve(bus, { ...method, subject: mediaSubject(method, nodeId) }, timed, { errors: busErrors }));
  };

  on('openRoom', MEDIA_METHODS.openRoom, async ({ roomId, epoch }) => {
    await node.openRoom(roomId, epoch);
    return {};
  });
  on('closeRoom', MEDIA_METHODS.closeRoom, async ({ roomId, epoch }) => {
    node.closeRoom(roomId, epoch);
    return {};
  });
  on('openPeer', MEDIA_METHODS.openPeer, async (params) => {
    const room = await node.room(params.roomId, params.epoch);
    const offer = await room.openPeer(params);
    node.changed();
    return offer;
  });
  on('closePeer', MEDIA_METHODS.closePeer, async (params) => {
    const room = await node.room(params.roomId, params.epoch);
    room.closePeer(params.peerId);
    node.changed();
    return {};
  });
  on('connectTransport', MEDIA_METHODS.connectTransport, async (params) => {
    const peer = await node.peer(params);
    await peer.connectTransport(params.transportId, params.dtlsParameters);
    return {};
  });
  on('restartIce', MEDIA_METHODS.restartIce, async (params) => {
    const peer = await node.peer(params);
    return { iceParameters: await peer.restartIce(params.transportId) };
  });
  on('produce', MEDIA_METHODS.produce, async (params) => {
    const peer = await node.peer(params);
    return { producerId: await peer.produce(params) };
  });
  on('pauseProducer', MEDIA_METHODS.pauseProducer, async (params) => {
    const peer = await node.peer(params);
    await peer.pauseProducer(params.producerId, params.paused);
    return {};
  });
  on('muteSource', MEDIA_METHODS.muteSource, async (params) => {
    const peer = await node.peer(params);
    return { producerId: await peer.muteSource(params.source) };
  });
  on('closeProducer', MEDIA_METHODS.closeProducer, async (params) => {
    const peer = await node.peer(params);
    peer.closeProducer(params.producerId);
    return {};
  });
  on('resumeConsumers', MEDIA_METHODS.resumeConsumers, async (params) => {
    const peer = await node.peer(params);
    await peer.resumeConsumers(params.consumerIds);
    return {};
  });

  return {
    close: () => {
      for (const subscription of subscriptions.splice(0)) subscription.close();
    },
  };
};
