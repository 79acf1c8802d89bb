import { once } from 'node:events';
import { createServer } from 'node:net';

/** A TCP port of the loopback address that is taken until `free` is called. */
export const takePort = async (): Promise<{ port: number; free: () => Promise<void> }> => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  const free = async () => {
    server.close();
    await once(server, 'close');
  };
  return { port: address.port, free };
};
