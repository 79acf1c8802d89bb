import { createSocket, type Socket, type SocketOptions } from 'node:dgram';
import { once } from 'node:events';
import type { AddressFamily, TransportAddress } from '../wire/ip.ts';
import { transportAddress } from '../wire/ip.ts';

/** Room for a burst of key frames while the loop is busy; the kernel caps it at its own limit. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/** Opens a bound UDP socket. Addresses are literals, so looking them up is done on the spot. Throws what bind throws. */
export const openUdp = async (options: {
  family: AddressFamily;
  ip: string;
  port: number;
  reusePort?: boolean;
}): Promise<Socket> => {
  const { family } = options;
  const socketOptions: SocketOptions = {
    type: family === 4 ? 'udp4' : 'udp6',
    ipv6Only: family === 6,
    reusePort: options.reusePort ?? false,
    lookup: (hostname, _options, callback) => callback(null, hostname, family),
  };
  const socket = createSocket(socketOptions);
  try {
    // Waited for before it is asked for: without a look-up the socket may be bound when `bind` returns.
    const listening = once(socket, 'listening');
    socket.bind({ address: options.ip, port: options.port, exclusive: true });
    await listening;
  } catch (cause) {
    socket.close();
    throw cause;
  }
  socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  return socket;
};

/** What `message` says of the sender, in canonical text. Undefined for what cannot be answered (a zone). */
export const senderOf = (
  family: AddressFamily,
  info: { address: string; port: number },
): TransportAddress | undefined =>
  family === 4 ? { family: 4, ip: info.address, port: info.port } : transportAddress(info.address, info.port);
