import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  type Bus,
  type Clock,
  type Health,
  type Logger,
  loadInternalTls,
  type Registry,
  type Service,
  Teardown,
} from '@bedside/kit';
import {
  MEDIA_EVENTS_PATTERN,
  MediaEvent,
  NODE_ANNOUNCE_SUBJECT,
  NodeAnnouncement,
  VISIT_EVENTS_PATTERN,
  VisitEvent,
} from '@bedside/protocol';
import type { z } from 'zod';
import type { SignalingConfig } from './config.ts';
import { CoreClient } from './core-client.ts';
import { SignalingEvents } from './events.ts';
import { GrantVerifier } from './grant-verifier.ts';
import { remoteKeySet } from './key-set.ts';
import { MediaClient } from './media-client.ts';
import { Placement } from './placement.ts';
import { PresenceReporter } from './presence-reporter.ts';
import { RequestRouter } from './request-router.ts';
import { SocketServer } from './socket-server.ts';
import { Visits } from './visits.ts';

export interface SignalingDeps {
  readonly bus: Bus;
  readonly log: Logger;
  readonly registry: Registry;
  /** Gets the checks `signaling` (takes connections) and `media` (a media node takes rooms). */
  readonly health: Health;
  readonly clock: Clock;
}

export interface Signaling extends Service {
  /** For the `upgrade` event of the HTTP server; answers everything but `/signal` with 404. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** A silent node is noticed at most this share of its time to death late. */
const SWEEPS_PER_SILENCE = 6;

/** The composition root. `close()` tells every client `server_draining` and lets go of all media, in bounded time. */
export const createSignaling = async (config: SignalingConfig, deps: SignalingDeps): Promise<Signaling> => {
  const { bus, clock, health, registry } = deps;
  const { limits, timings } = config;
  const teardown = new Teardown();
  const events = new SignalingEvents({ log: deps.log, registry });
  const core = new CoreClient({ bus, timeoutMs: timings.callTimeoutMs });
  const media = new MediaClient({ bus, timeoutMs: timings.callTimeoutMs });
  const tls = config.internalTls && teardown.use(await loadInternalTls({ files: config.internalTls, log: deps.log }));
  const keys = remoteKeySet({ url: config.jwksUrl, timeoutMs: timings.callTimeoutMs, tls });
  const verifier = new GrantVerifier({ keys, issuer: config.issuer, clock });

  const placement: Placement = new Placement({
    clock,
    deadAfterMs: timings.nodeDeadAfterMs,
    listener: {
      nodeUp: () => visits.nodeUp(),
      nodeLost: (node) => visits.nodeLost(node),
      nodeChanged: (nodeId, state) => events.nodeChanged(nodeId, state),
    },
  });
  const reporter = new PresenceReporter({
    core,
    events,
    delays: timings,
    maxPeople: limits.sessions,
    onRefused: (holder, code) => visits.refused(holder, code),
  });
  const roomDeps = { clock, media, placement, reporter, events, delays: timings };
  const visits: Visits = new Visits({ core, placement, events, clock, limits, timings, roomDeps });
  const router = new RequestRouter({ visits, verifier, core, media, events });
  const sockets = new SocketServer({
    origins: config.allowedOrigins,
    limits,
    timings,
    events,
    owner: {
      handle: (connection, request) => router.handle(connection, request),
      ended: (connection) => {
        if (connection.session !== undefined) visits.socketLost(connection.session, connection);
      },
    },
    onUpgrade: () => keys.warm(),
  });
  events.watch({
    connections: () => sockets.connectionCount,
    sessions: () => visits.sessionCount,
    rooms: () => visits.roomCount,
  });

  const listen = <Schema extends z.ZodType>(
    subject: string,
    schema: Schema,
    take: (message: z.output<Schema>) => void,
  ) =>
    teardown.use(
      bus.subscribe(subject, (payload, from) => {
        const message = schema.safeParse(payload);
        if (message.success) take(message.data);
        else events.busMessageRefused(from);
      }),
    );
  listen(NODE_ANNOUNCE_SUBJECT, NodeAnnouncement, (announcement) => placement.announced(announcement));
  listen(MEDIA_EVENTS_PATTERN, MediaEvent, (event) => visits.mediaEvent(event));
  listen(VISIT_EVENTS_PATTERN, VisitEvent, (event) => visits.visitEvent(event));
  const sweeping = setInterval(() => placement.sweep(), timings.nodeDeadAfterMs / SWEEPS_PER_SILENCE);
  teardown.add(() => clearInterval(sweeping));
  teardown.add(health.add('media', () => placement.hasNode));
  teardown.add(health.add('signaling', () => !sockets.isDraining));

  // Released last first: the clients are told, the rooms closed, core told of both, then everything else.
  teardown.add(() => reporter.close());
  teardown.add(() => within(timings.drainTimeoutMs, reporter.idle()));
  teardown.add(() => within(timings.drainTimeoutMs, visits.close()));
  teardown.add(() => sockets.drain());

  return {
    handleUpgrade: (request, socket, head) => sockets.handleUpgrade(request, socket, head),
    close: () => teardown.close(),
    [Symbol.asyncDispose]: () => teardown.close(),
  };
};

const within = async (ms: number, work: Promise<void>): Promise<void> => {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, late]);
  clearTimeout(timer);
};
