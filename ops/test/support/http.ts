import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Sends bytes as they are and gives everything that comes back until the other side closes. */
export const rawExchange = async (port: number, bytes: string): Promise<string> => {
  const socket: Socket = connect(port, '127.0.0.1');
  let received = '';
  socket.setEncoding('latin1');
  socket.on('data', (data) => {
    received += String(data);
  });
  socket.on('error', () => undefined);
  if (bytes !== '') socket.write(bytes);
  await once(socket, 'close');
  return received;
};
