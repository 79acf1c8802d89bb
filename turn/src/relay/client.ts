import type { TransportAddress } from '../wire/ip.ts';

/** The client's end of a 5-tuple, as the sockets see it. */
export interface Client {
  /** The same for the same 5-tuple, different for any other: a listener with an address, or a connection. */
  readonly key: string;
  readonly transport: 'udp' | 'tcp' | 'tls';
  readonly address: TransportAddress;
}
