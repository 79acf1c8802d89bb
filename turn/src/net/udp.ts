import type { AddressFamily, TransportAddress } from '../wire/ip.ts';

export interface UdpOptions {
  readonly family: AddressFamily;
  readonly ip: string;
  /** Zero takes any. */
  readonly port: number;
  readonly reusePort?: boolean;
  /** `data` is only valid during the call. `from` is canonical; undefined for a sender that cannot be answered. */
  readonly onDatagram: (data: Buffer, from: TransportAddress | undefined) => void;
  /** By code, such as `ECONNREFUSED`; of single datagrams as well as of the socket. */
  readonly onError: (code: string) => void;
}

/** A bound UDP socket. */
export interface UdpSocket {
  readonly port: number;
  /**
   * Sends the pieces as one datagram: at the latest when this turn of the event loop ends, in the order of the calls.
   * Without `to` it goes to whom the socket is connected. False where it was dropped because the kernel takes no more.
   */
  send(pieces: readonly Buffer[], to: TransportAddress | undefined): boolean;
  /** From now on it hears this peer alone. False where that cannot be. */
  connect(peer: TransportAddress): boolean;
  disconnect(): void;
  /** Idempotent. What was sent in the same turn may be lost. */
  close(): void;
}

/** Ways to come by sockets. */
export interface Udp {
  /** Which one is in use: one call to the kernel for many datagrams, or one for each. */
  readonly kind: 'batched' | 'single';
  /** Throws what bind throws. */
  open(options: UdpOptions): Promise<UdpSocket>;
  /** Sends at once what would leave at the end of the turn. */
  flush(): void;
}

/** Room for a burst of key frames while the loop is busy; the kernel caps it at its own limit. */
export const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
/** Beyond this the kernel takes no more and data is dropped rather than kept. */
export const MAX_SEND_QUEUE_BYTES = 4 * 1024 * 1024;
