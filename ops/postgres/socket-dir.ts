import { chown, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { socketDirPrefix } from './leftovers.ts';
import { makeOwnFolder } from './place.ts';
import type { Account } from './run-as.ts';
import { port } from './server-process.ts';

/** sockaddr_un holds 108 bytes, the closing zero among them. */
const maxSocketPathBytes = 107;

export interface SocketDir {
  path: string;
  remove(): Promise<void>;
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
  const path = await mkdtemp(socketDirPrefix);
  if (account !== undefined) await chown(path, account.uid, account.gid);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
