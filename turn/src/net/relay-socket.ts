import type { AddressFamily, TransportAddress } from '../wire/ip.ts';
import type { Udp, UdpSocket } from './udp.ts';

const BIND_ATTEMPTS = 16;
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
  readonly udp: Udp;
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
  readonly #socket: UdpSocket;
  #focus: TransportAddress | undefined;

  private constructor(socket: UdpSocket, address: TransportAddress) {
    this.#socket = socket;
    this.address = address;
  }

  /** Throws where no port can be had. */
  static async open(options: RelaySocketOptions): Promise<RelaySocket> {
    const { family, ip, onDatagram, onBroken } = options;
    for (let attempt = 1; ; attempt += 1) {
      const drawn = options.randomInt(options.ports.min, options.ports.max);
      // The range may start odd, so the even neighbour is taken above there and below elsewhere.
      const port = options.evenPort && drawn % 2 === 1 ? (drawn === options.ports.min ? drawn + 1 : drawn - 1) : drawn;
      try {
        // The port is named, never left to the kernel: a socket loses a port of the kernel's when it is disconnected.
        const socket: UdpSocket = await options.udp.open({
          family,
          ip,
          port,
          onDatagram: (data, sender) => {
            const from = relaySocket.#focus ?? sender;
            if (from !== undefined) onDatagram(data, from);
          },
          onError: (code) => {
            if (!PASSING.has(code)) onBroken();
          },
        });
        const relaySocket = new RelaySocket(socket, { family, ip, port });
        return relaySocket;
      } catch (cause) {
        if (!isPortTaken(cause) || attempt === BIND_ATTEMPTS) throw cause;
      }
    }
  }

  /**
   * Connects the socket to its one peer, or disconnects it. A connected socket spares the kernel the route look-up of
   * every packet and hears nobody else.
   */
  focus(peer: TransportAddress | undefined): void {
    if (this.#focus !== undefined) this.#socket.disconnect();
    this.#focus = peer !== undefined && this.#socket.connect(peer) ? peer : undefined;
  }

  /** False where the packet was dropped because the kernel takes no more. */
  send(data: Buffer, peer: TransportAddress): boolean {
    return this.#socket.send([data], this.#focus === undefined ? peer : undefined);
  }

  close(): void {
    this.#socket.close();
  }
}
