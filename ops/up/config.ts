import { resolve } from 'node:path';
import { type CoreConfig, coreConfig } from '@bedside/core';
import { ConfigError, envVar, type LogLevel, readEnv } from '@bedside/kit';
import { type MediaServerConfig, mediaServerConfig } from '@bedside/media-server';
import { type SignalingConfig, signalingConfig } from '@bedside/signaling';
import { z } from 'zod';
import { DEMO_CLIENT_ID, DEMO_ISSUER_PATH } from '../demo/address.ts';

const checkout = resolve(import.meta.dirname, '../..');

const Env = z.object({
  BEDSIDE_PORT: envVar.port().default(8080),
  BEDSIDE_HOST: z.string().default('127.0.0.1'),
  BEDSIDE_PUBLIC_URL: envVar.url(['http:', 'https:']).optional(),
  BEDSIDE_DATA_DIR: z.string().default(resolve(checkout, '.bedside')),
  BEDSIDE_DEMO: envVar.flag().optional(),
  BEDSIDE_METRICS_FOR: z.enum(['loopback', 'everybody'], 'must be loopback or everybody').default('loopback'),
  BEDSIDE_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent')
    .default('warn'),
  DATABASE_URL: z.string().optional(),
});

export interface UpConfig {
  readonly host: string;
  readonly port: number;
  /** Origin under which browsers reach Bedside. */
  readonly publicUrl: string;
  readonly dataDir: string;
  /** Where the built pages are. */
  readonly webDir: string;
  /** Demo people, and an issuer where anybody may be any of them. */
  readonly demo: boolean;
  readonly metricsFor: 'loopback' | 'everybody';
  readonly logLevel: LogLevel;
  /** Undefined: the embedded Postgres is started. */
  readonly databaseUrl: string | undefined;
  readonly core: CoreConfig;
  readonly signaling: SignalingConfig;
  readonly mediaServer: MediaServerConfig;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Stands where core's configuration wants the address of a database that is yet to be started. */
const DATABASE_TO_COME = 'postgres://embedded';

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
  const publicUrl = URL.canParse(given.BEDSIDE_PUBLIC_URL ?? '')
    ? new URL(given.BEDSIDE_PUBLIC_URL ?? '').origin
    : `http://localhost:${own?.BEDSIDE_PORT ?? 8080}`;
  const demo = own?.BEDSIDE_DEMO ?? given.BEDSIDE_OIDC_ISSUER === undefined;
  const ofServices: Environment = {
    DATABASE_URL: DATABASE_TO_COME,
    ...(demo ? { BEDSIDE_OIDC_ISSUER: publicUrl + DEMO_ISSUER_PATH, BEDSIDE_OIDC_CLIENT_ID: DEMO_CLIENT_ID } : {}),
    ...given,
    BEDSIDE_DEMO: String(demo),
    ...(own === undefined ? {} : { BEDSIDE_DATA_DIR: resolve(own.BEDSIDE_DATA_DIR) }),
  };
  const core = collect(() => coreConfig(ofServices));
  const signaling = collect(() => signalingConfig(ofServices));
  const mediaServer = collect(() => mediaServerConfig(ofServices));
  if (own === undefined || core === undefined || signaling === undefined || mediaServer === undefined)
    throw new ConfigError([...problems]);
  return Object.freeze({
    host: own.BEDSIDE_HOST,
    port: own.BEDSIDE_PORT,
    publicUrl,
    dataDir: resolve(own.BEDSIDE_DATA_DIR),
    webDir: resolve(checkout, 'clients/web/dist'),
    demo,
    metricsFor: own.BEDSIDE_METRICS_FOR,
    logLevel: own.BEDSIDE_LOG_LEVEL,
    databaseUrl: own.DATABASE_URL,
    core,
    signaling,
    mediaServer,
  });
};
