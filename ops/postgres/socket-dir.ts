import { createHash } from 'node:crypto';
import { chown, lstat, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeOwnFolder } from './place.ts';
import type { Account } from './run-as.ts';
import { port } from './server-process.ts';

/** sockaddr_un holds 108 bytes, the closing zero among them. */
const maxSocketPathBytes = 107;
const shortPrefix = '/tmp/bedside-postgres-';

export interface SocketDir {
  path: string;
  remove(): Promise<void>;
}

/** Whether it is a folder (no link) of the account, closed to all others. Only then nobody else can have a socket there. */
async function isOwn(path: string, uid: number | undefined): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isDirectory() === true && found.uid === uid && (found.mode & 0o777) === 0o700;
}

/** The same folder for the same data at each start, so that a pool outlives a restart of the server. */
async function makeShortDir(dataDir: string, account: Account | undefined): Promise<string> {
  const path = `${shortPrefix}${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`;
  const isNew = await mkdir(path, { mode: 0o700 }).then(
    () => true,
    () => false,
  );
  if (!isNew && (await isOwn(path, account?.uid ?? process.getuid?.()))) {
    // A dead server's socket and its lock.
    await Promise.all((await readdir(path)).map((name) => rm(join(path, name), { force: true })));
    return path;
  }
  // Somebody else took the name, in a folder where anybody may.
  const own = isNew ? path : await mkdtemp(shortPrefix);
  if (account !== undefined) await chown(own, account.uid, account.gid);
  return own;
}

/**
 * A folder for the server's socket that only the account (and root) can enter: `run` in the data folder, or a short
 * one under /tmp when the path of a socket there would be longer than the kernel takes.
 */
export async function makeSocketDir(dataDir: string, account: Account | undefined): Promise<SocketDir> {
  const inside = join(dataDir, 'run');
  if (Buffer.byteLength(join(inside, `.s.PGSQL.${port}`)) <= maxSocketPathBytes) {
    // Nothing lives on this data (its lock is held), so what lies here is a dead server's.
    await rm(inside, { recursive: true, force: true });
    await makeOwnFolder(inside, account);
    return { path: inside, remove: async () => undefined };
  }
  const path = await makeShortDir(dataDir, account);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
