import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** sockaddr_un holds 108 bytes, the closing zero among them. */
const MAX_SOCKET_PATH_BYTES = 107;

/**
 * Where the edge takes the connections whose TLS was taken off: a socket in a folder that nobody else can enter, since
 * whoever connects there may name any client's address. The data folder is held, so what lies there is a dead edge's.
 */
export const makeHandoffPath = async (dataDir: string): Promise<{ path: string; remove(): Promise<void> }> => {
  const wanted = join(dataDir, 'run');
  const fits = Buffer.byteLength(join(wanted, 'edge.sock')) <= MAX_SOCKET_PATH_BYTES;
  const folder = fits ? wanted : await mkdtemp(join(tmpdir(), 'bedside-edge-'));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const path = join(folder, 'edge.sock');
  await rm(path, { force: true });
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
};
