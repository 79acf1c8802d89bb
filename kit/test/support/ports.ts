import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Below what systems hand out for port 0 and to clients (Linux: 32768 and up), so nobody comes upon one by chance. */
const FIRST_PORT = 10_240;
const BLOCK_PORTS = 8;
const BLOCKS = 1_200;
const HOST = '127.0.0.1';

const listening = async (port: number): Promise<Server | undefined> => {
  const server = createServer();
  try {
    await once(server.listen(port, HOST), 'listening');
    return server;
  } catch {
    return undefined;
  }
};

const isFree = async (port: number): Promise<boolean> => {
  const server = await listening(port);
  if (server === undefined) return false;
  server.close();
  await once(server, 'close');
  const socket = createSocket('udp4');
  try {
    socket.bind(port, HOST);
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
};

/**
 * The first of `count` (7 at most) consecutive ports of 127.0.0.1, free for TCP and UDP and left to the caller for as
 * long as its process lives, also while nothing listens there: whoever asks here, in any process, gets others.
 */
export const takePorts = async (count = 1): Promise<number> => {
  if (count >= BLOCK_PORTS) throw new RangeError(`At most ${BLOCK_PORTS - 1} ports can be taken at once.`);
  for (let tries = 0; tries < BLOCKS; tries += 1) {
    // The first port of a block is listened to: that keeps the others.
    const lock = FIRST_PORT + BLOCK_PORTS * randomInt(BLOCKS);
    const held = await listening(lock);
    if (held === undefined) continue;
    const free = await Promise.all(Array.from({ length: count }, (_, index) => isFree(lock + 1 + index)));
    if (free.every(Boolean)) {
      held.unref();
      return lock + 1;
    }
    held.close();
  }
  throw new Error(`No ${count} consecutive ports of ${FIRST_PORT} and up are free.`);
};
