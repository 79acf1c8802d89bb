import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressFamily, TransportAddress } from '../wire/ip.ts';
import { Senders } from './senders.ts';
import { MAX_SEND_QUEUE_BYTES, RECEIVE_BUFFER_BYTES, type Udp, type UdpOptions, type UdpSocket } from './udp.ts';

/** A socket that is not bound yet. Addresses are literals, so looking them up is done on the spot. */
export const newSocket = (family: AddressFamily, reusePort = false): Socket =>
  createSocket({
    type: family === 4 ? 'udp4' : 'udp6',
    ipv6Only: family === 6,
    reusePort,
    lookup: (hostname, _options, callback) => callback(null, hostname, family),
  });

export const onErrorCode = (socket: Socket, onError: (code: string) => void): void => {
  socket.on('error', (cause) => onError('code' in cause && typeof cause.code === 'string' ? cause.code : ''));
};

const bind = async (options: UdpOptions): Promise<Socket> => {
  const socket = newSocket(options.family, options.reusePort);
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

/** A bound socket of Node's: one call to the kernel for each datagram. */
export class NodeUdpSocket implements UdpSocket {
  readonly port: number;
  readonly #socket: Socket;
  #closed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.port = socket.address().port;
  }

  /** Whether datagrams wait for the kernel to take more. */
  get isWaiting(): boolean {
    return !this.#closed && this.#socket.getSendQueueCount() > 0;
  }

  send(pieces: readonly Buffer[], to: TransportAddress | undefined): boolean {
    if (this.#closed || this.#socket.getSendQueueSize() > MAX_SEND_QUEUE_BYTES) return false;
    if (to === undefined) this.#socket.send(pieces);
    else this.#socket.send(pieces, to.port, to.ip);
    return true;
  }

  connect(peer: TransportAddress): boolean {
    if (this.#closed) return false;
    // Literals are looked up on the spot, so the socket is connected when this returns, or not at all.
    this.#socket.connect(peer.port, peer.ip, () => {});
    try {
      this.#socket.remoteAddress();
      return true;
    } catch {
      return false;
    }
  }

  disconnect(): void {
    if (!this.#closed) this.#socket.disconnect();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }
}

/** Sockets of Node's alone. */
export const nodeUdp = (): Udp => {
  const senders = new Senders();
  return {
    kind: 'single',
    flush: () => {},
    open: async (options) => {
      const socket = await bind(options);
      socket.on('message', (data, info) => options.onDatagram(data, senders.named(options.family, info)));
      onErrorCode(socket, options.onError);
      return new NodeUdpSocket(socket);
    },
  };
};
