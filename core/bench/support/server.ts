import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type CoreConfig, DEFAULT_SESSION_LIMITS, DEFAULT_STEP_UP_WITHIN_MS, onlyIssuer } from '../../src/index.ts';
import type { BenchClinic } from './clinic.ts';

/** Core over HTTP in a process of its own. */
export interface BenchServer extends AsyncDisposable {
  readonly origin: string;
  readonly pid: number;
}

/** Nobody is held back: one machine plays all the patients. */
const unlimited = 1e9;

export const benchConfig = (clinic: BenchClinic): CoreConfig => ({
  databaseUrl: clinic.databaseUrl,
  migrationDatabaseUrl: undefined,
  databasePoolSize: 10,
  publicUrl: 'http://localhost',
  allowedOrigins: ['http://localhost'],
  issuers: [onlyIssuer({ issuer: 'http://127.0.0.1:9', clientId: 'bench' })],
  sessions: DEFAULT_SESSION_LIMITS,
  stepUpWithinMs: DEFAULT_STEP_UP_WITHIN_MS,
  demo: false,
  grantKeyFile: join(clinic.folder, 'grant-key.json'),
  turn: undefined,
  audit: {
    keyFile: join(clinic.folder, 'audit-key.json'),
    headsFile: join(clinic.folder, 'audit-heads.jsonl'),
    collector: undefined,
    sealEveryMs: 2_000,
  },
  phi: {
    kek: 'file',
    keyFile: join(clinic.folder, 'phi-kek.json'),
    pkcs11: undefined,
    awsKms: undefined,
    cacheKeys: 10_000,
    cacheMs: 60_000,
  },
  trustedProxies: [],
  rateLimits: {
    address: unlimited,
    signIn: unlimited,
    signInFailures: unlimited,
    signInAll: unlimited,
    read: unlimited,
    write: unlimited,
    grant: unlimited,
  },
  slotHorizonDays: 30,
  jobs: false,
  smtp: undefined,
  offerMinutes: 15,
  corrections: { answerDays: 60, extensionDays: 30 },
});

export const startBenchServer = async (clinic: BenchClinic): Promise<BenchServer> => {
  const child = fork(new URL('./server-main.ts', import.meta.url), [JSON.stringify(benchConfig(clinic))]);
  const [message] = (await once(child, 'message')) as [{ port: number }];
  return {
    origin: `http://127.0.0.1:${message.port}`,
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
};
