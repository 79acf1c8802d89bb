import {
  ConfigError,
  envVar,
  INTERNAL_TLS_ADVICE,
  internalTlsEnv,
  internalTlsFiles,
  isLoopbackHost,
  readEnv,
  type TlsFiles,
} from '@bedside/kit';
import { HELLO_TIMEOUT_MS, NODE_DEAD_AFTER_MS, PING_INTERVAL_MS, RESUME_WINDOW_MS } from '@bedside/protocol';
import { z } from 'zod';

/** What one process takes at the most. */
export interface SignalingLimits {
  /** Open connections; one more is refused with HTTP 503 before the upgrade. */
  readonly connections: number;
  /** Open connections from one address; one more is refused with HTTP 429. Behind a proxy all share the proxy's. */
  readonly connectionsPerAddress: number;
  /** Sessions, those that wait for their socket to come back included. */
  readonly sessions: number;
  readonly participantsPerRoom: number;
  readonly requestsPerSecond: number;
  readonly requestsPerTenSeconds: number;
  /** Requests of a connection that wait for the one before them. */
  readonly pendingRequests: number;
  readonly outboundFrames: number;
  readonly outboundBytes: number;
}

export interface SignalingTimings {
  readonly helloTimeoutMs: number;
  readonly pingIntervalMs: number;
  readonly resumeWindowMs: number;
  /** How long a socket that is being closed may take before it is cut off. */
  readonly closeTimeoutMs: number;
  readonly nodeDeadAfterMs: number;
  /** Longest wait for an answer of core or of a media node. */
  readonly callTimeoutMs: number;
  /** Longest a resumed session waits for the messages it missed before it is welcomed without them. */
  readonly resumeMessagesTimeoutMs: number;
  /** First wait after a failure; it doubles with each further one. */
  readonly retryBaseMs: number;
  readonly retryMaxMs: number;
  /** Two renewals of a grant lie at least this far apart. */
  readonly renewMinMs: number;
  /** Longest a drain may take. */
  readonly drainTimeoutMs: number;
}

export interface SignalingConfig {
  /** Origins whose pages may open a connection (RFC 6454 §6.1), as browsers write them. */
  readonly allowedOrigins: readonly string[];
  readonly jwksUrl: string;
  /** With what core's keys are fetched from another machine. Undefined: they are on this one. */
  readonly internalTls: Required<TlsFiles> | undefined;
  /** `iss` of the grants that are accepted. */
  readonly issuer: string;
  readonly limits: SignalingLimits;
  readonly timings: SignalingTimings;
}

/** The rates and queues are those of SPEC ENV8 and ENV9. */
export const DEFAULT_LIMITS: SignalingLimits = Object.freeze({
  connections: 10_000,
  connectionsPerAddress: 1_000,
  sessions: 20_000,
  participantsPerRoom: 64,
  requestsPerSecond: 50,
  requestsPerTenSeconds: 200,
  pendingRequests: 64,
  outboundFrames: 256,
  outboundBytes: 1_048_576,
});

export const DEFAULT_TIMINGS: SignalingTimings = Object.freeze({
  helloTimeoutMs: HELLO_TIMEOUT_MS,
  pingIntervalMs: PING_INTERVAL_MS,
  resumeWindowMs: RESUME_WINDOW_MS,
  closeTimeoutMs: 2_000,
  nodeDeadAfterMs: NODE_DEAD_AFTER_MS,
  callTimeoutMs: 5_000,
  resumeMessagesTimeoutMs: 1_000,
  retryBaseMs: 250,
  retryMaxMs: 15_000,
  renewMinMs: 1_000,
  drainTimeoutMs: 3_000,
});

const webUrl = () => envVar.url(['http:', 'https:']);

const Environment = z.object({
  BEDSIDE_PORT: envVar.port().default(8080),
  BEDSIDE_PUBLIC_URL: webUrl().optional(),
  BEDSIDE_ALLOWED_ORIGINS: envVar.list().pipe(z.array(webUrl())).default([]),
  BEDSIDE_JWKS_URL: webUrl().optional(),
  ...internalTlsEnv,
  BEDSIDE_SIGNALING_MAX_CONNECTIONS: envVar.integer({ min: 1, max: 1_000_000 }).default(DEFAULT_LIMITS.connections),
  BEDSIDE_SIGNALING_MAX_CONNECTIONS_PER_ADDRESS: envVar
    .integer({ min: 1, max: 1_000_000 })
    .default(DEFAULT_LIMITS.connectionsPerAddress),
});

/** Whoever could put keys of their own in the place of core's could grant themselves any visit. */
const requireMutualTls = (jwksUrl: string, files: Required<TlsFiles> | undefined): Required<TlsFiles> | undefined => {
  const { hostname, protocol } = new URL(jwksUrl);
  if (isLoopbackHost(hostname)) return undefined;
  if (protocol === 'https:' && files !== undefined) return files;
  throw new ConfigError([
    `BEDSIDE_JWKS_URL: leads to another machine, which is spoken with over mutual TLS only; begin it with https:// and ${INTERNAL_TLS_ADVICE}`,
  ]);
};

/** Parses the environment. Throws kit's `ConfigError` with every problem at once. */
export const signalingConfig = (env: Readonly<Record<string, string | undefined>>): SignalingConfig => {
  const parsed = readEnv(Environment, env);
  const issuer = new URL(parsed.BEDSIDE_PUBLIC_URL ?? `http://localhost:${parsed.BEDSIDE_PORT}`).origin;
  const jwksUrl = parsed.BEDSIDE_JWKS_URL ?? `http://127.0.0.1:${parsed.BEDSIDE_PORT}/.well-known/jwks.json`;
  const origins = [issuer, ...parsed.BEDSIDE_ALLOWED_ORIGINS.map((origin) => new URL(origin).origin)];
  return Object.freeze({
    allowedOrigins: Object.freeze([...new Set(origins)]),
    jwksUrl,
    internalTls: requireMutualTls(jwksUrl, internalTlsFiles(parsed)),
    issuer,
    limits: Object.freeze({
      ...DEFAULT_LIMITS,
      connections: parsed.BEDSIDE_SIGNALING_MAX_CONNECTIONS,
      connectionsPerAddress: parsed.BEDSIDE_SIGNALING_MAX_CONNECTIONS_PER_ADDRESS,
      sessions: parsed.BEDSIDE_SIGNALING_MAX_CONNECTIONS * 2,
    }),
    timings: DEFAULT_TIMINGS,
  });
};
