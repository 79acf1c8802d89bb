import type { Socket } from 'node:dgram';
import type { AddressFamily, TransportAddress } from '../wire/ip.ts';
import { openUdp, senderOf } from './udp.ts';

const BIND_ATTEMPTS = 16;
/** Beyond this the kernel takes no more and data is dropped rather than kept. */
const MAX_SEND_QUEUE_BYTES = 512 * 1024;
/** Errors of single packets, which ICMP brings; the socket goes on. */
const PASSING = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EMSGSIZE',
  'EPERM',
  'EAGAIN',
  'ENOBUFS',
  'EINVAL',
]);

export interface RelaySocketOptions {
  readonly family: AddressFamily;
  readonly ip: string;
  /** Both ends included. A port is drawn by lot, as RFC 8656 §7.2 asks. */
  readonly ports: { readonly min: number; readonly max: number };
  readonly evenPort: boolean;
  /** A whole number in [min, max]. */
  readonly randomInt: (min: number, max: number) => number;
  readonly onDatagram: (data: Buffer, from: TransportAddress) => void;
  readonly onBroken: () => void;
}

const isPortTaken = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && (cause.code === 'EADDRINUSE' || cause.code === 'EACCES');

/** The socket behind a relayed transport address. */
export class RelaySocket {
  readonly address: TransportAddress;
  readonly #socket: Socket;
  #focus: TransportAddress | undefined;
  #closed = false;

  private constructor(socket: Socket, address: TransportAddress) {
    this.#socket = socket;
    this.address = address;
  }

  /** Throws where no port can be had. */
  static async open(options: RelaySocketOptions): Promise<RelaySocket> {
    for (let attempt = 1; ; attempt += 1) {
      const drawn = options.randomInt(options.ports.min, options.ports.max);
      // The range may start odd, so the even neighbour is taken above there and below elsewhere.
      const port = options.evenPort && drawn % 2 === 1 ? (drawn === options.ports.min ? drawn + 1 : drawn - 1) : drawn;
      try {
        // The port is named, never left to the kernel: a socket loses a port of the kernel's when it is disconnected.
        const socket = await openUdp({ family: options.family, ip: options.ip, port });
        const relaySocket = new RelaySocket(socket, { family: options.family, ip: options.ip, port });
        relaySocket.#listen(options);
        return relaySocket;
      } catch (cause) {
        if (!isPortTaken(cause) || attempt === BIND_ATTEMPTS) throw cause;
      }
    }
  }

  #listen(options: RelaySocketOptions): void {
    const { family, onDatagram } = options;
    this.#socket.on('message', (data, info) => {
      const from = this.#focus ?? senderOf(family, info);
      if (from !== undefined) onDatagram(data, from);
    });
    this.#socket.on('error', (cause) => {
      if (!('code' in cause && typeof cause.code === 'string' && PASSING.has(cause.code))) options.onBroken();
    });
  }

  /**
   * Connects the socket to its one peer, or disconnects it. A connected socket spares the kernel the route look-up of
   * every packet and hears nobody else.
   */
  focus(peer: TransportAddress | undefined): void {
    if (this.#closed) return;
    if (this.#focus !== undefined) this.#socket.disconnect();
    this.#focus = undefined;
    if (peer === undefined) return;
    // Literals are looked up on the spot, so the socket is connected when this returns, or not at all.
    this.#socket.connect(peer.port, peer.ip, () => {});
    if (this.#isConnected()) this.#focus = peer;
  }

  #isConnected(): boolean {
    try {
      this.#socket.remoteAddress();
      return true;
    } catch {
      return false;
    }
  }

  /** False where the packet was dropped because the kernel takes no more. */
  send(data: Buffer, peer: TransportAddress): boolean {
    if (this.#closed || this.#socket.getSendQueueSize() > MAX_SEND_QUEUE_BYTES) return false;
    if (this.#focus === undefined) this.#socket.send(data, peer.port, peer.ip);
    else this.#socket.send(data);
    return true;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }
}
