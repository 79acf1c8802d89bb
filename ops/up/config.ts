import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { type CoreConfig, coreConfig } from '@bedside/core';
import {
  ConfigError,
  envVar,
  INTERNAL_TLS_ADVICE,
  internalTlsEnv,
  internalTlsFiles,
  isLoopbackHost,
  type LogLevel,
  readEnv,
  type TlsFiles,
} from '@bedside/kit';
import { type MediaServerConfig, mediaServerConfig } from '@bedside/media-server';
import { type SignalingConfig, signalingConfig } from '@bedside/signaling';
import { type TurnConfig, turnConfig } from '@bedside/turn';
import { z } from 'zod';
import { cacheDir } from '../cache-dir.ts';
import { DEMO_CLIENT_ID, DEMO_ISSUER_PATH } from '../demo/address.ts';

const checkout = resolve(import.meta.dirname, '../..');

const Env = z.object({
  BEDSIDE_PORT: envVar.port().default(8080),
  BEDSIDE_HOST: z.string().default('127.0.0.1'),
  BEDSIDE_PUBLIC_URL: envVar.url(['http:', 'https:']).optional(),
  BEDSIDE_DATA_DIR: z.string().default(resolve(checkout, '.bedside')),
  BEDSIDE_DEMO: envVar.flag().optional(),
  BEDSIDE_EMBEDDERS: envVar
    .list()
    .refine(
      (items) =>
        items.every((item) => URL.canParse(item) && new URL(item).origin === item && item.startsWith('https:')),
      'must be a list of https origins, like https://portal.example.org',
    )
    .default([]),
  BEDSIDE_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent')
    .default('warn'),
  BEDSIDE_TLS_CERT_FILE: z.string().optional(),
  BEDSIDE_TLS_KEY_FILE: z.string().optional(),
  BEDSIDE_INTERNAL_LISTEN: z
    .string()
    .regex(/^([\d.]+|\[[\da-fA-F:]+\]|localhost):\d{1,5}$/, 'must be an IP address and a port, like 10.0.0.4:9464')
    .optional(),
  ...internalTlsEnv,
  BEDSIDE_TURN: envVar.flag().default(true),
  BEDSIDE_TURN_PORT: envVar.port().default(0),
  DATABASE_URL: z.string().optional(),
});
type Own = Readonly<z.infer<typeof Env>>;

export interface UpConfig {
  readonly host: string;
  readonly port: number;
  /** Origin under which browsers reach Bedside. */
  readonly publicUrl: string;
  readonly dataDir: string;
  /** Where what can be made again is kept. */
  readonly cacheDir: string;
  /** Where the built pages are. */
  readonly webDir: string;
  /** Demo people, and an issuer where anybody may be any of them. */
  readonly demo: boolean;
  /** Origins whose pages may show ours in a frame. */
  readonly embedders: readonly string[];
  readonly logLevel: LogLevel;
  /** Where machines of the organization ask for metrics, health and keys; undefined: nowhere. */
  readonly internal:
    | { readonly host: string; readonly port: number; readonly tls: Required<TlsFiles> | undefined }
    | undefined;
  /** Undefined: the embedded Postgres is started. */
  readonly databaseUrl: string | undefined;
  readonly core: CoreConfig;
  readonly signaling: SignalingConfig;
  readonly mediaServer: MediaServerConfig;
  /**
   * The relay. With a certificate it is also what takes TLS off in front of the edge, even where it relays nothing.
   * Its secrets are empty where none is given: the one in `relaySecretFile` is used then.
   */
  readonly relay: TurnConfig | undefined;
  readonly relaySecretFile: string;
  /** False: the relay may run as the TLS port only, and browsers are told of another one, or of none. */
  readonly relays: boolean;
  /** The edge speaks HTTPS behind the relay's shared port. */
  readonly isTls: boolean;
  /** Undefined: signaling reads core's keys inside this process. */
  readonly jwksUrl: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Stands where the relay's configuration wants a secret that is yet to be read. */
const SECRET_TO_COME = 'a secret from a file';

/** Stands where core's configuration wants the address of a database that is yet to be started. */
const DATABASE_TO_COME = 'postgres:///embedded';

/**
 * Reads what the one-machine start and all services need. Without an issuer of the organization's own, the demo's is
 * used. Throws one `ConfigError` with the problems of all.
 */
export const upConfig = (env: Environment): UpConfig => {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value));
  const problems = new Set<string>();
  const collect = <Result>(read: () => Result): Result | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const problem of error.problems) problems.add(problem);
      return undefined;
    }
  };

  const own = collect(() => readEnv(Env, given));
  const isTls = given.BEDSIDE_TLS_CERT_FILE !== undefined && given.BEDSIDE_TLS_KEY_FILE !== undefined;
  const publicUrl = URL.canParse(given.BEDSIDE_PUBLIC_URL ?? '')
    ? new URL(given.BEDSIDE_PUBLIC_URL ?? '').origin
    : `${isTls ? 'https' : 'http'}://localhost:${own?.BEDSIDE_PORT ?? 8080}`;
  const demo =
    own?.BEDSIDE_DEMO ?? (given.BEDSIDE_OIDC_ISSUER === undefined && given.BEDSIDE_ISSUERS_FILE === undefined);
  const ofServices: Environment = {
    DATABASE_URL: DATABASE_TO_COME,
    ...(demo ? { BEDSIDE_OIDC_ISSUER: publicUrl + DEMO_ISSUER_PATH, BEDSIDE_OIDC_CLIENT_ID: DEMO_CLIENT_ID } : {}),
    ...given,
    BEDSIDE_DEMO: String(demo),
    BEDSIDE_PUBLIC_URL: given.BEDSIDE_PUBLIC_URL ?? publicUrl,
    ...(own === undefined ? {} : { BEDSIDE_DATA_DIR: resolve(own.BEDSIDE_DATA_DIR) }),
  };
  for (const problem of tlsProblems(own, isTls)) problems.add(problem);
  const core = collect(() => coreConfig(ofServices));
  const signaling = collect(() => signalingConfig(ofServices));
  const mediaServer = collect(() => mediaServerConfig(ofServices));
  const relay =
    own === undefined || mediaServer === undefined || !(own.BEDSIDE_TURN || isTls)
      ? undefined
      : collect(() => relayConfig({ own, given, mediaServer, publicUrl }));
  if (own === undefined || core === undefined || signaling === undefined || mediaServer === undefined || problems.size)
    throw new ConfigError([...problems]);
  const dataDir = resolve(own.BEDSIDE_DATA_DIR);
  return Object.freeze({
    host: own.BEDSIDE_HOST,
    port: own.BEDSIDE_PORT,
    publicUrl,
    dataDir,
    cacheDir: cacheDir(given),
    webDir: resolve(checkout, 'clients/web/dist'),
    demo,
    embedders: own.BEDSIDE_EMBEDDERS,
    logLevel: own.BEDSIDE_LOG_LEVEL,
    internal: internalOf(own),
    databaseUrl: own.DATABASE_URL,
    core,
    signaling,
    mediaServer,
    relay,
    relaySecretFile: given.BEDSIDE_TURN_SECRET_FILE ?? resolve(dataDir, 'turn-secret'),
    relays: own.BEDSIDE_TURN,
    isTls,
    jwksUrl: given.BEDSIDE_JWKS_URL,
  });
};

/** An address, IPv6 in brackets, and its port. */
const internalOf = (own: Own): UpConfig['internal'] => {
  const listen = own.BEDSIDE_INTERNAL_LISTEN;
  if (listen === undefined) return undefined;
  const colon = listen.lastIndexOf(':');
  const host = listen.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return { host, port: Number(listen.slice(colon + 1)), tls: internalTlsFiles(own) };
};

/** Nothing is spoken in the clear with another machine: what would be does not start. */
const tlsProblems = (own: Own | undefined, isTls: boolean): string[] => {
  if (own === undefined) return [];
  const problems: string[] = [];
  if ((own.BEDSIDE_TLS_CERT_FILE === undefined) !== (own.BEDSIDE_TLS_KEY_FILE === undefined))
    problems.push('BEDSIDE_TLS_CERT_FILE, BEDSIDE_TLS_KEY_FILE: are set both or not at all');
  if (!isTls && !isLoopbackHost(own.BEDSIDE_HOST)) {
    problems.push(
      'BEDSIDE_HOST: can be reached from other machines, which is served over TLS only; set BEDSIDE_TLS_CERT_FILE and BEDSIDE_TLS_KEY_FILE, or 127.0.0.1 where a proxy on this machine stands in front',
    );
  }
  const internal = internalOf(own);
  if (internal !== undefined && internal.tls === undefined && !isLoopbackHost(internal.host)) {
    problems.push(
      `BEDSIDE_INTERNAL_LISTEN: can be reached from other machines, which are answered over mutual TLS only; ${INTERNAL_TLS_ADVICE}`,
    );
  }
  return problems;
};

/** Where the relay's own sockets stand that reach the media workers: beside them, on their address. */
const relayAddressOf = ({ listenIp, announcedAddress }: MediaServerConfig): string => {
  if (listenIp !== '0.0.0.0' && listenIp !== '::') return listenIp;
  if (isIP(announcedAddress ?? '') === isIP(listenIp)) return `${listenIp}=${announcedAddress}`;
  throw new ConfigError([
    'BEDSIDE_TURN_RELAY_ADDRESS: is not set; it is needed when BEDSIDE_MEDIA_LISTEN_IP listens on every address and BEDSIDE_MEDIA_ANNOUNCED_ADDRESS is no IP address of its family',
  ]);
};

/** Behind a NAT browsers are told an address that does not lead to the workers from here. */
const peerMapOf = ({ listenIp, announcedAddress }: MediaServerConfig): string => {
  const isBehindNat = isIP(announcedAddress ?? '') === isIP(listenIp) && announcedAddress !== listenIp;
  if (!isBehindNat) return '';
  const reached = { '0.0.0.0': '127.0.0.1', '::': '::1' }[listenIp] ?? listenIp;
  return `${announcedAddress}=${reached}`;
};

/** The relay beside the media workers of this machine, on the edge's address. */
const relayConfig = (options: {
  own: Own;
  given: Environment;
  mediaServer: MediaServerConfig;
  publicUrl: string;
}): TurnConfig => {
  const { own, given } = options;
  const problems: string[] = [];
  const { BEDSIDE_TLS_CERT_FILE: certFile, BEDSIDE_TLS_KEY_FILE: keyFile } = own;
  const isTls = certFile !== undefined && keyFile !== undefined;
  if (isTls && !options.publicUrl.startsWith('https:'))
    problems.push('BEDSIDE_PUBLIC_URL: must start with https:// when BEDSIDE_TLS_CERT_FILE is set');
  const host = own.BEDSIDE_HOST === 'localhost' ? '127.0.0.1' : own.BEDSIDE_HOST;
  if (isIP(host) === 0)
    problems.push('BEDSIDE_HOST: must be an IP address (a name is taken only without TLS and with BEDSIDE_TURN=false)');
  if (problems.length > 0) throw new ConfigError(problems);
  const at = (kind: string, port: number) => `${kind}://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const plain = given.BEDSIDE_TURN_LISTEN ?? ['udp', 'tcp'].map((kind) => at(kind, own.BEDSIDE_TURN_PORT)).join();
  const config = turnConfig({
    BEDSIDE_TURN_RELAY_ADDRESS: given.BEDSIDE_TURN_RELAY_ADDRESS ?? relayAddressOf(options.mediaServer),
    BEDSIDE_TURN_PEER_MAP: peerMapOf(options.mediaServer),
    BEDSIDE_TURN_SECRET: SECRET_TO_COME,
    ...given,
    BEDSIDE_TURN_LISTEN: [
      ...(own.BEDSIDE_TURN ? [plain] : []),
      ...(isTls ? [at('shared', own.BEDSIDE_PORT)] : []),
    ].join(),
    BEDSIDE_TURN_TLS_CERT_FILE: given.BEDSIDE_TURN_TLS_CERT_FILE ?? certFile,
    BEDSIDE_TURN_TLS_KEY_FILE: given.BEDSIDE_TURN_TLS_KEY_FILE ?? keyFile,
  });
  return given.BEDSIDE_TURN_SECRET === undefined ? { ...config, secrets: [] } : config;
};
