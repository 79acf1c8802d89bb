import { availableParallelism } from 'node:os';
import { isAbsolute } from 'node:path';
import { ConfigError, envVar, readEnv } from '@bedside/kit';
import { MediaNodeId } from '@bedside/protocol';
import { z } from 'zod';

export interface MediaServerConfig {
  readonly nodeId: MediaNodeId;
  /** Worker processes; each fills at most one core. */
  readonly workers: number;
  /** Absolute path of the mediasoup-worker binary; mediasoup's own when undefined. */
  readonly workerBin: string | undefined;
  /** All that a worker sees of the environment: where its libraries are. It needs no secret and is given none. */
  readonly workerEnv: Readonly<Record<string, string>>;
  /** Address the media sockets are bound to. */
  readonly listenIp: string;
  /** Address or host name that clients are told instead of `listenIp` (NAT, a load balancer). */
  readonly announcedAddress: string | undefined;
  /** Worker `i` listens on `portBase + i`, UDP and TCP. Undefined: any free port. */
  readonly portBase: number | undefined;
  readonly maxRooms: number;
  readonly maxPeersPerRoom: number;
  /** What a receiver is believed to take before its first feedback arrives, bits a second. */
  readonly initialOutgoingBps: number;
  /** What a sender is told that it may send, all its streams together, bits a second. */
  readonly maxIncomingBps: number;
}

/**
 * With 20 peers of 3 streams each, a peer has at most 57 consumers: they fit one `MediaOffer` (64).
 */
const MAX_PEERS_PER_ROOM = 20;

const schema = z.object({
  BEDSIDE_MEDIA_NODE_ID: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,63}$/, 'must be 1 to 63 letters, digits, "_" or "-"')
    .default('local'),
  BEDSIDE_MEDIA_WORKERS: envVar.integer({ min: 1, max: 256 }).optional(),
  MEDIASOUP_WORKER_BIN: z.string().refine(isAbsolute, 'must be an absolute path').optional(),
  BEDSIDE_MEDIA_LISTEN_IP: z.union([z.ipv4(), z.ipv6()], 'must be an IP address').default('127.0.0.1'),
  BEDSIDE_MEDIA_ANNOUNCED_ADDRESS: z
    .string()
    .regex(/^[a-zA-Z0-9.:_-]{1,253}$/, 'must be an IP address or a host name')
    .optional(),
  BEDSIDE_MEDIA_PORT_BASE: envVar.integer({ min: 1, max: 65_535 }).optional(),
  BEDSIDE_MEDIA_MAX_ROOMS: envVar.integer({ min: 1, max: 100_000 }).default(500),
  BEDSIDE_MEDIA_MAX_PEERS_PER_ROOM: envVar.integer({ min: 2, max: MAX_PEERS_PER_ROOM }).default(16),
  BEDSIDE_MEDIA_INITIAL_OUTGOING_BPS: envVar.integer({ min: 100_000, max: 100_000_000 }).default(1_000_000),
  BEDSIDE_MEDIA_MAX_INCOMING_BPS: envVar.integer({ min: 100_000, max: 100_000_000 }).default(3_000_000),
});

/** What the loader and the C library of a worker may need; everything else of ours, credentials among it, stays ours. */
const WORKER_VARIABLES = ['LD_LIBRARY_PATH', 'TZ'] as const;

const workerEnvOf = (env: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(WORKER_VARIABLES.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));

const anyAddress = new Set(['0.0.0.0', '::']);

/** Throws `ConfigError` with every problem at once. */
export const mediaServerConfig = (env: Readonly<Record<string, string | undefined>>): MediaServerConfig => {
  const given = readEnv(schema, env);
  const workers = given.BEDSIDE_MEDIA_WORKERS ?? availableParallelism();
  const problems: string[] = [];
  if (anyAddress.has(given.BEDSIDE_MEDIA_LISTEN_IP) && given.BEDSIDE_MEDIA_ANNOUNCED_ADDRESS === undefined) {
    problems.push(
      'BEDSIDE_MEDIA_ANNOUNCED_ADDRESS: is not set; it is needed when BEDSIDE_MEDIA_LISTEN_IP listens on every address',
    );
  }
  if (given.BEDSIDE_MEDIA_PORT_BASE !== undefined && given.BEDSIDE_MEDIA_PORT_BASE + workers - 1 > 65_535) {
    problems.push('BEDSIDE_MEDIA_PORT_BASE: leaves too few ports below 65536 for BEDSIDE_MEDIA_WORKERS workers');
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze({
    nodeId: MediaNodeId.parse(given.BEDSIDE_MEDIA_NODE_ID),
    workers,
    workerBin: given.MEDIASOUP_WORKER_BIN,
    workerEnv: Object.freeze(workerEnvOf(env)),
    listenIp: given.BEDSIDE_MEDIA_LISTEN_IP,
    announcedAddress: given.BEDSIDE_MEDIA_ANNOUNCED_ADDRESS,
    portBase: given.BEDSIDE_MEDIA_PORT_BASE,
    maxRooms: given.BEDSIDE_MEDIA_MAX_ROOMS,
    maxPeersPerRoom: given.BEDSIDE_MEDIA_MAX_PEERS_PER_ROOM,
    initialOutgoingBps: given.BEDSIDE_MEDIA_INITIAL_OUTGOING_BPS,
    maxIncomingBps: given.BEDSIDE_MEDIA_MAX_INCOMING_BPS,
  });
};
