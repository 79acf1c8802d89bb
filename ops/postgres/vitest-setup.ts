import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { acquireProcessLock } from '../process-lock.ts';
import { startEmbeddedPostgres } from './launcher.ts';
import { stopLeftovers } from './leftovers.ts';
import './testing.ts';

const folder = '/tmp';
const prefix = 'bedside-vitest-';
const youngMs = 10_000;
const silent = () => undefined;

/** Ends the servers of earlier runs that were killed, and removes their data. Another's live run keeps its own. */
async function sweep(): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(prefix));
  for (const name of names) {
    const dir = join(folder, name);
    const owner = await stat(dir).catch(() => undefined);
    if (owner === undefined || owner.uid !== process.getuid?.()) continue;
    // A run that begins this moment has its folder before its lock.
    if (Date.now() - owner.mtimeMs < youngMs) continue;
    const lock = await acquireProcessLock({ path: join(dir, 'run.lock') }).catch(() => undefined);
    if (lock === undefined) continue;
    await stopLeftovers(join(dir, 'postgres', 'data'), silent);
    await rm(dir, { recursive: true, force: true });
  }
}

/** Vitest's global setup: one server for the whole run, on throw-away data. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweep();
  const dir = await mkdtemp(join(folder, prefix));
  const lock = await acquireProcessLock({ path: join(dir, 'run.lock') });
  await chmod(dir, 0o711);
  const postgres = await startEmbeddedPostgres({
    dataDir: join(dir, 'postgres'),
    log: silent,
    durable: false,
    database: 'postgres',
    settings: { max_connections: '200' },
  });
  project.provide('postgres', postgres.connection);
  return async () => {
    await postgres.close();
    await rm(dir, { recursive: true, force: true });
    await lock.release();
  };
}
