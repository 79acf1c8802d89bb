import { isIP } from 'node:net';
import { ConfigError, envVar, readEnv } from '@bedside/kit';
import { z } from 'zod';
import { type PeerMapping, parsePeerMapping } from './net/peer-map.ts';
import type { RelayAddress } from './net/relay-sockets.ts';
import type { ListenAddress } from './net/thread-messages.ts';
import { type PeerRule, parsePeerRule } from './relay/peer-policy.ts';
import type { QuotaLimits } from './relay/quotas.ts';
import type { AddressFamily } from './wire/ip.ts';

export interface TurnConfig {
  readonly listen: readonly ListenAddress[];
  /** Packet threads; each takes its share of the clients, and the quotas hold for each thread. */
  readonly threads: number;
  readonly realm: string;
  /** The first one is core's to mint with; the others are accepted while a secret is being changed. */
  readonly secrets: readonly string[];
  readonly peers: readonly PeerRule[];
  readonly relayAddresses: Readonly<Partial<Record<AddressFamily, RelayAddress>>>;
  /** Peers that are reached at another address than clients are told. */
  readonly peerMappings: readonly PeerMapping[];
  readonly relayPorts: { readonly min: number; readonly max: number };
  readonly limits: QuotaLimits;
  /** PEM files, read at the start and again when they change. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  /** UNIX socket of the HTTP server behind a shared port. */
  readonly httpUpstreamPath: string | undefined;
  /** UDP through the C library, many datagrams a call, where that can be had. */
  readonly batching: boolean;
  /** How long closing waits for allocations to end by themselves. */
  readonly drainMs: number;
}

/** A credential lives minutes; this bounds what a wrong clock or a leaked secret can make of it. */
export const MAX_CREDENTIAL_LIFE_MS = 24 * 3_600_000;
/** Together with a handshake and the first byte of a shared port this keeps whoever is idle below ten seconds. */
export const IDLE_STREAM_MS = 4_200;
export const MAX_IDLE_STREAMS = 4096;

const LISTEN = /^(udp|tcp|tls|shared):\/\/(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):(\d{1,5})$/;
const KINDS = ['udp', 'tcp', 'tls', 'shared'] as const;

const parseListen = (text: string): ListenAddress | { readonly problem: string } => {
  const match = LISTEN.exec(text);
  const ip = match?.[2] ?? match?.[3] ?? '';
  const kind = KINDS.find((known) => known === match?.[1]);
  const port = Number(match?.[4]);
  if (kind === undefined || isIP(ip) === 0 || port > 65_535)
    return { problem: `${text} is not an address to listen on, such as udp://192.0.2.1:3478 or shared://[::]:443` };
  return { kind, ip, port };
};

const parseRelayAddress = (text: string): RelayAddress | { readonly problem: string } => {
  const [ip = '', announcedIp = ip] = text.split('=');
  const isGood = isIP(ip) !== 0 && isIP(ip) === isIP(announcedIp);
  return isGood
    ? { ip, announcedIp }
    : { problem: `${text} is not an IP address, nor two of one family with = between` };
};

const RANGE = /^(\d{1,5})-(\d{1,5})$/;
const parseRange = (text: string): { min: number; max: number } | { readonly problem: string } => {
  const match = RANGE.exec(text);
  const min = Number(match?.[1]);
  const max = Number(match?.[2]);
  return match !== null && min >= 1024 && max <= 65_535 && min <= max
    ? { min, max }
    : { problem: `${text} is not a range of ports within 1024-65535` };
};

/** Parses one value; what is wrong with it becomes the schema's issue. */
const parsed = <Value>(parse: (text: string) => Value | { readonly problem: string }) =>
  z.string().transform((text, context) => {
    const result = parse(text);
    if (typeof result === 'object' && result !== null && 'problem' in result) {
      context.addIssue({ code: 'custom', message: result.problem });
      return z.NEVER;
    }
    return result as Value;
  });

const listOf = <Value>(parse: (text: string) => Value | { readonly problem: string }) =>
  envVar.list().pipe(z.array(parsed(parse)).max(64));

const ENV = z.object({
  BEDSIDE_TURN_LISTEN: listOf(parseListen).prefault('udp://127.0.0.1:3478,tcp://127.0.0.1:3478'),
  BEDSIDE_TURN_THREADS: envVar.integer({ min: 1, max: 64 }).prefault('1'),
  BEDSIDE_TURN_REALM: z.string().max(120).default('bedside'),
  BEDSIDE_TURN_SECRET: envVar.list().pipe(z.array(z.string().min(16, 'must have 16 characters or more')).min(1).max(4)),
  BEDSIDE_TURN_PEERS: listOf(parsePeerRule).prefault(''),
  BEDSIDE_TURN_RELAY_ADDRESS: listOf(parseRelayAddress).prefault('127.0.0.1'),
  BEDSIDE_TURN_PEER_MAP: listOf(parsePeerMapping).prefault(''),
  BEDSIDE_TURN_RELAY_PORTS: parsed(parseRange).prefault('49152-65535'),
  BEDSIDE_TURN_MAX_ALLOCATIONS: envVar.integer({ min: 1, max: 60_000 }).prefault('4000'),
  BEDSIDE_TURN_MAX_ALLOCATIONS_PER_ADDRESS: envVar.integer({ min: 1, max: 60_000 }).prefault('1000'),
  BEDSIDE_TURN_MAX_ALLOCATIONS_PER_CREDENTIAL: envVar.integer({ min: 1, max: 1000 }).prefault('64'),
  BEDSIDE_TURN_CREDENTIAL_BPS: envVar.integer({ min: 64_000, max: 10_000_000_000 }).prefault('20000000'),
  BEDSIDE_TURN_TLS_CERT_FILE: z.string().optional(),
  BEDSIDE_TURN_TLS_KEY_FILE: z.string().optional(),
  BEDSIDE_TURN_HTTP_UPSTREAM: z.string().max(107, 'must be a path of at most 107 characters').optional(),
  BEDSIDE_TURN_BATCHING: envVar.flag().default(true),
  BEDSIDE_TURN_DRAIN_MS: envVar.integer({ min: 0, max: 3_600_000 }).prefault('5000'),
});

type Env = z.infer<typeof ENV>;

const isAmbiguous = (mappings: readonly PeerMapping[]): boolean =>
  new Set(mappings.map(({ announcedIp }) => announcedIp)).size < mappings.length ||
  new Set(mappings.map(({ reachedIp }) => reachedIp)).size < mappings.length;

/** What only shows when values are looked at together. */
const problemsOf = (env: Readonly<Env>): string[] => {
  const needsTls = env.BEDSIDE_TURN_LISTEN.some(({ kind }) => kind === 'tls' || kind === 'shared');
  const families = env.BEDSIDE_TURN_RELAY_ADDRESS.map(({ ip }) => isIP(ip));
  return [
    ...(needsTls && env.BEDSIDE_TURN_TLS_CERT_FILE === undefined
      ? ['BEDSIDE_TURN_TLS_CERT_FILE: is not set, and tls:// and shared:// need a certificate']
      : []),
    ...(needsTls && env.BEDSIDE_TURN_TLS_KEY_FILE === undefined
      ? ['BEDSIDE_TURN_TLS_KEY_FILE: is not set, and tls:// and shared:// need a key']
      : []),
    ...(new Set(families).size < families.length
      ? ['BEDSIDE_TURN_RELAY_ADDRESS: names two addresses of one family']
      : []),
    ...(isAmbiguous(env.BEDSIDE_TURN_PEER_MAP) ? ['BEDSIDE_TURN_PEER_MAP: names an address twice on one side'] : []),
    ...(families.length === 0 ? ['BEDSIDE_TURN_RELAY_ADDRESS: names no address'] : []),
    ...(env.BEDSIDE_TURN_LISTEN.length === 0 ? ['BEDSIDE_TURN_LISTEN: names nowhere to listen'] : []),
  ];
};

/** Reads `BEDSIDE_TURN_*`. Throws `ConfigError` with every problem at once. */
export const turnConfig = (variables: Readonly<Record<string, string | undefined>>): TurnConfig => {
  const env = readEnv(ENV, variables);
  const problems = problemsOf(env);
  if (problems.length > 0) throw new ConfigError(problems);
  const { BEDSIDE_TURN_TLS_CERT_FILE: certFile, BEDSIDE_TURN_TLS_KEY_FILE: keyFile } = env;
  return Object.freeze({
    listen: env.BEDSIDE_TURN_LISTEN,
    threads: env.BEDSIDE_TURN_THREADS,
    realm: env.BEDSIDE_TURN_REALM,
    secrets: env.BEDSIDE_TURN_SECRET,
    peers: env.BEDSIDE_TURN_PEERS,
    relayAddresses: Object.fromEntries(env.BEDSIDE_TURN_RELAY_ADDRESS.map((address) => [isIP(address.ip), address])),
    peerMappings: env.BEDSIDE_TURN_PEER_MAP,
    relayPorts: env.BEDSIDE_TURN_RELAY_PORTS,
    limits: {
      allocations: env.BEDSIDE_TURN_MAX_ALLOCATIONS,
      allocationsPerAddress: env.BEDSIDE_TURN_MAX_ALLOCATIONS_PER_ADDRESS,
      allocationsPerCredential: env.BEDSIDE_TURN_MAX_ALLOCATIONS_PER_CREDENTIAL,
      credentialBps: env.BEDSIDE_TURN_CREDENTIAL_BPS,
    },
    tls: certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile },
    httpUpstreamPath: env.BEDSIDE_TURN_HTTP_UPSTREAM,
    batching: env.BEDSIDE_TURN_BATCHING,
    drainMs: env.BEDSIDE_TURN_DRAIN_MS,
  });
};
