import { resolve } from 'node:path';
import { type CoreConfig, coreConfig } from '@bedside/core';
import { ConfigError, envVar, type LogLevel, readEnv } from '@bedside/kit';
import { type MediaServerConfig, mediaServerConfig } from '@bedside/media-server';
import { type SignalingConfig, signalingConfig } from '@bedside/signaling';
import { z } from 'zod';
import { DEMO_CLIENT_ID, DEMO_ISSUER_PATH } from '../demo/issuer.ts';

const Env = z.object({
  BEDSIDE_PORT: envVar.port().default(8080),
  BEDSIDE_HOST: z.string().default('127.0.0.1'),
  BEDSIDE_PUBLIC_URL: envVar.url(['http:', 'https:']).optional(),
  BEDSIDE_DATA_DIR: z.string().default(resolve(import.meta.dirname, '../../.bedside')),
  BEDSIDE_WEB_DIR: z.string().default(resolve(import.meta.dirname, '../../clients/web/dist')),
  BEDSIDE_DEMO: envVar.flag().optional(),
  BEDSIDE_OIDC_ISSUER: z.string().optional(),
  BEDSIDE_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('warn'),
  DATABASE_URL: z.string().optional(),
});

export interface UpConfig {
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string;
  readonly dataDir: string;
  readonly webDir: string;
  /** Demo people and the issuer at which anybody may be any of them. */
  readonly demo: boolean;
  readonly logLevel: LogLevel;
  /** Absent: the embedded Postgres is started. */
  readonly databaseUrl: string | undefined;
  /** The rest waits for the database's address. */
  readonly core: (databaseUrl: string) => CoreConfig;
  readonly signaling: SignalingConfig;
  readonly mediaServer: MediaServerConfig;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Runs every reader and throws one `ConfigError` with the problems of all. */
const together = <Results extends readonly unknown[]>(...readers: { [Index in keyof Results]: () => Results[Index] }): Results => {
  const problems = new Set<string>();
  const results = readers.map((reader) => {
    try {
      return reader();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const problem of error.problems) problems.add(problem);
      return undefined;
    }
  });
  if (problems.size > 0) throw new ConfigError([...problems]);
  return results as unknown as Results;
};

/** Reads what the one-machine start needs, and gives the services the addresses they have there. */
export const upConfig = (env: Environment): UpConfig => {
  const port = Number(env.BEDSIDE_PORT || 8080);
  const publicUrl = (env.BEDSIDE_PUBLIC_URL || `http://localhost:${port}`).replace(/\/+$/, '');
  const demo = env.BEDSIDE_OIDC_ISSUER ? env.BEDSIDE_DEMO === 'true' || env.BEDSIDE_DEMO === '1' : env.BEDSIDE_DEMO !== 'false' && env.BEDSIDE_DEMO !== '0';
  const dataDir = resolve(env.BEDSIDE_DATA_DIR || resolve(import.meta.dirname, '../../.bedside'));
  const derived: Environment = {
    BEDSIDE_PUBLIC_URL: publicUrl,
    BEDSIDE_DATA_DIR: dataDir,
    BEDSIDE_ALLOWED_ORIGINS: URL.canParse(publicUrl) ? new URL(publicUrl).origin : publicUrl,
    BEDSIDE_JWKS_URL: `http://127.0.0.1:${port}/.well-known/jwks.json`,
    ...(demo && !env.BEDSIDE_OIDC_ISSUER ? { BEDSIDE_OIDC_ISSUER: `${publicUrl}${DEMO_ISSUER_PATH}`, BEDSIDE_OIDC_CLIENT_ID: DEMO_CLIENT_ID } : {}),
    ...Object.fromEntries(Object.entries(env).filter(([, value]) => value)),
    ...(demo ? { BEDSIDE_DEMO: 'true' } : { BEDSIDE_DEMO: 'false' }),
  };
  const core = (databaseUrl: string) => coreConfig({ ...derived, DATABASE_URL: databaseUrl });
  const [own, signaling, mediaServer] = together<[z.infer<typeof Env>, SignalingConfig, MediaServerConfig, CoreConfig]>(
    () => readEnv(Env, env),
    () => signalingConfig(derived),
    () => mediaServerConfig(derived),
    () => core(env.DATABASE_URL || 'postgres://localhost/bedside'),
  );
  return Object.freeze({
    host: own.BEDSIDE_HOST,
    port: own.BEDSIDE_PORT,
    publicUrl,
    dataDir,
    webDir: own.BEDSIDE_WEB_DIR,
    demo,
    logLevel: own.BEDSIDE_LOG_LEVEL,
    databaseUrl: own.DATABASE_URL,
    core,
    signaling,
    mediaServer,
  });
};
