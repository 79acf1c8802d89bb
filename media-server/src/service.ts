import { randomUUID } from 'node:crypto';
import { type Bus, type Health, type Logger, type Registry, type Service, Teardown } from '@bedside/kit';
import {
  type MediaEvent,
  mediaEventsSubject,
  NODE_ANNOUNCE_INTERVAL_MS,
  NODE_ANNOUNCE_SUBJECT,
  type NodeAnnouncement,
} from '@bedside/protocol';
import { Announcer } from './announcer.ts';
import { routerRtpCapabilities } from './codecs.ts';
import type { MediaServerConfig } from './config.ts';
import { serveMediaControl } from './control.ts';
import { createMediaEvents, type MediaCounts } from './events.ts';
import { MediaNode } from './media-node.ts';
import type { MediaAddress } from './media-worker.ts';
import { WorkerPool } from './worker-pool.ts';

export interface MediaServerDeps {
  readonly bus: Bus;
  readonly log: Logger;
  readonly registry: Registry;
  readonly health: Health;
  /** Told when a worker that died was replaced: where the system chooses ports, it has another one. */
  readonly onAddresses?: (addresses: readonly MediaAddress[]) => void;
}

export interface MediaServer extends Service {
  /** Takes no new rooms from now on and announces `draining`; rooms that are here go on. */
  drain(): void;
  /** Process ids of the workers alive. */
  readonly workerPids: readonly number[];
  readonly counts: MediaCounts;
  /** Where the workers take media: what a relay has to reach, and nothing else. */
  readonly addresses: readonly MediaAddress[];
}

/**
 * Starts the workers, serves `MEDIA_METHODS` on the bus and announces the node. `close()` tells of every room that is
 * lost by it, announces `gone` and ends the workers. Throws `ConfigError` when a worker cannot start or listen.
 */
export const createMediaServer = async (config: MediaServerConfig, deps: MediaServerDeps): Promise<MediaServer> => {
  const { bus } = deps;
  const teardown = new Teardown();
  const incarnation = randomUUID();
  const noCounts: MediaCounts = { rooms: 0, peers: 0, producers: { audio: 0, video: 0 }, consumers: 0 };
  let node: MediaNode | undefined;
  const counts = () => node?.counts ?? noCounts;
  const events = createMediaEvents({ nodeId: config.nodeId, log: deps.log, registry: deps.registry, counts });

  const addresses = () => pool.workers.map(({ address }) => address);
  const pool: WorkerPool = teardown.use(
    await WorkerPool.start({
      config,
      events,
      random: Math.random,
      onLost: (worker) => node?.loseWorker(worker),
      onStarted: () => {
        if (node !== undefined) deps.onAddresses?.(addresses());
      },
    }),
  );
  let load = 0;
  const announce = (state: NodeAnnouncement['state']) => {
    const { rooms, peers } = counts();
    bus.publish(NODE_ANNOUNCE_SUBJECT, {
      nodeId: config.nodeId,
      incarnation,
      state,
      rooms,
      peers,
      load,
      routerRtpCapabilities,
    } satisfies NodeAnnouncement);
  };
  teardown.add(() => announce('gone'));
  const announcer = new Announcer({
    intervalMs: NODE_ANNOUNCE_INTERVAL_MS,
    measure: async () => {
      load = await pool.measure();
    },
    announce: () => announce(node?.draining === true ? 'draining' : 'up'),
  });
  node = new MediaNode({
    config,
    events,
    pool,
    publish: (event: MediaEvent) => bus.publish(mediaEventsSubject(config.nodeId), event),
    onChange: () => announcer.changed(),
  });
  teardown.use(node);
  teardown.use(serveMediaControl({ bus, nodeId: config.nodeId, node, events }));
  teardown.add(deps.health.add('media-workers', () => pool.workers.length > 0));
  announcer.start();
  teardown.use(announcer);

  return {
    drain: () => node.drain(),
    get workerPids() {
      return pool.workers.map(({ pid }) => pid);
    },
    get counts() {
      return node.counts;
    },
    get addresses() {
      return addresses();
    },
    close: () => teardown.close(),
    [Symbol.asyncDispose]: () => teardown.close(),
  };
};
