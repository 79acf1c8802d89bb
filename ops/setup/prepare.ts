/**
 * The set-up's second half, on the Node that the first half installed: the worker, Postgres, the client, and for tests
 * the browser. Writes what it found, as environment variables in JSON, to descriptor 3.
 */
import { writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { provideChromium } from './chromium.ts';
import { buildClient } from './client.ts';
import { provideNetworkTools } from './network-tools.ts';
import { preparePostgres } from './postgres.ts';
import { explain, step } from './report.mjs';
import { provideWorker } from './worker.ts';

const root = dirname(dirname(import.meta.dirname));
const isTest = process.argv[2] === 'test';
const { env } = process;
const answerFd = 3;

try {
  const found: Record<string, string> = {
    MEDIASOUP_WORKER_BIN: await step((report) => provideWorker({ root, env, report })),
  };
  await step((report) => preparePostgres(env, report));
  await step((report) => buildClient(root, report));
  if (isTest) {
    found.CHROMIUM_BIN = await step((report) => provideChromium(env, report));
    await step((report) => provideNetworkTools(report));
  }
  writeSync(answerFd, JSON.stringify(found));
} catch (cause) {
  explain(cause);
  process.exitCode = 1;
}
