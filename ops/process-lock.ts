import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { identifyProcess, isRunning, type ProcessIdentity } from './process-identity.ts';

/** What a lock file says of its holder. `since` is an ISO 8601 instant. */
export interface LockHolder extends ProcessIdentity {
  since: string;
}

export interface ProcessLock extends AsyncDisposable {
  /** Gives the lock up; a second call does nothing. */
  release(): Promise<void>;
}

/** A process that still runs holds the lock. */
export class LockHeldError extends Error {
  readonly holder: LockHolder;

  constructor(path: string, holder: LockHolder) {
    super(`process ${holder.pid} holds ${path} since ${holder.since}`);
    this.name = 'LockHeldError';
    this.holder = holder;
  }
}

export interface ProcessLockOptions {
  /** The lock file; its folder exists. */
  path: string;
  /** How long to wait for a holder that may be about to leave; 0 when not given. */
  waitMs?: number;
  /** Called once, when waiting begins. */
  onWait?: (holder: LockHolder) => void;
}

const retryMs = 100;
const takeoverMs = 5_000;

function parseHolder(text: string): LockHolder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const { pid, startTicks, bootId, since } = value as Record<string, unknown>;
    if (typeof pid !== 'number' || typeof startTicks !== 'string') return undefined;
    if (typeof bootId !== 'string' || typeof since !== 'string') return undefined;
    return { pid, startTicks, bootId, since };
  } catch {
    return undefined;
  }
}

const read = (path: string) => readFile(path, 'utf8').catch(() => undefined);

/** Puts the finished file in place, or does nothing when one is there: link(2) is atomic and never overwrites. */
async function place(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, content, { mode: 0o644 });
  try {
    await link(draft, path);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cause;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Removes a dead holder's file. Only who holds the lock on doing so may, and looks again first: two may try at once. */
async function clear(path: string, dead: string): Promise<void> {
  await using _ = await acquireProcessLock({ path: `${path}.takeover`, waitMs: takeoverMs });
  if ((await read(path)) === dead) await rm(path, { force: true });
}

/**
 * Takes a lock that dies with its process: the file names pid, start time and boot, so neither a kill -9, a reboot
 * nor a reused pid leaves it held.
 * @throws {LockHeldError} when another process (or this one) holds it and does not leave within `waitMs`.
 */
export async function acquireProcessLock({ path, waitMs = 0, onWait }: ProcessLockOptions): Promise<ProcessLock> {
  const self = identifyProcess(process.pid);
  if (self === undefined) throw new Error('/proc is not readable: a process cannot tell who it is');
  const holder: LockHolder = { ...self, since: new Date().toISOString() };
  const content = `${JSON.stringify({ ...holder, nonce: randomUUID() })}\n`;
  const attempts = Math.ceil(waitMs / retryMs);

  for (let attempt = 0; !(await place(path, content)); ) {
    const found = await read(path);
    if (found === undefined) continue;
    const other = parseHolder(found);
    if (other === undefined || !isRunning(other)) {
      await clear(path, found);
      continue;
    }
    if (attempt >= attempts) throw new LockHeldError(path, other);
    if (attempt === 0) onWait?.(other);
    attempt += 1;
    await delay(retryMs);
  }

  const release = async () => {
    if ((await read(path)) === content) await rm(path, { force: true });
  };
  return { release, [Symbol.asyncDispose]: release };
}
