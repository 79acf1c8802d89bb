import type { Command, RelayId } from '../relay/commands.ts';
import type { AddressFamily, TransportAddress } from '../wire/ip.ts';
import type { PeerMap } from './peer-map.ts';
import { RelaySocket } from './relay-socket.ts';
import type { Udp } from './udp.ts';

/** Where relayed addresses are taken from, and as what they are announced to clients. */
export interface RelayAddress {
  readonly ip: string;
  readonly announcedIp: string;
}

export interface RelaySocketsOptions {
  readonly udp: Udp;
  readonly addresses: Readonly<Partial<Record<AddressFamily, RelayAddress>>>;
  /** Everything here is told announced addresses, and tells them; the sockets alone see the others. */
  readonly peerMap: PeerMap;
  readonly ports: { readonly min: number; readonly max: number };
  readonly randomInt: (min: number, max: number) => number;
  readonly onDatagram: (relayId: RelayId, data: Buffer, from: TransportAddress) => void;
  readonly onBroken: (relayId: RelayId) => void;
}

/** The sockets behind relayed addresses, by id. One that is closed while it still opens is closed when it is open. */
export class RelaySockets {
  readonly #options: RelaySocketsOptions;
  readonly #open = new Map<RelayId, RelaySocket>();
  readonly #opening = new Set<RelayId>();

  constructor(options: RelaySocketsOptions) {
    this.#options = options;
  }

  /** The address to announce; undefined where there is none to be had, or nobody wants it any more. */
  async open(command: Extract<Command, { type: 'open-relay' }>): Promise<TransportAddress | undefined> {
    const { relayId, family, evenPort } = command;
    const { udp, addresses, peerMap, ports, randomInt, onDatagram, onBroken } = this.#options;
    const where = addresses[family];
    if (where === undefined) return undefined;
    this.#opening.add(relayId);
    const socket = await RelaySocket.open({
      udp,
      family,
      ip: where.ip,
      ports,
      evenPort,
      randomInt,
      onDatagram: (data, from) => onDatagram(relayId, data, peerMap.announced(from)),
      onBroken: () => onBroken(relayId),
    }).catch(() => undefined);
    const isWanted = this.#opening.delete(relayId);
    if (socket === undefined) return undefined;
    if (!isWanted) {
      socket.close();
      return undefined;
    }
    this.#open.set(relayId, socket);
    return { ...socket.address, ip: where.announcedIp };
  }

  /** False where the packet was dropped because the kernel takes no more. */
  send(relayId: RelayId, data: Buffer, peer: TransportAddress): boolean {
    return this.#open.get(relayId)?.send(data, this.#options.peerMap.reached(peer)) ?? true;
  }

  focus(relayId: RelayId, peer: TransportAddress | undefined): void {
    this.#open.get(relayId)?.focus(peer === undefined ? undefined : this.#options.peerMap.reached(peer));
  }

  close(relayId: RelayId): void {
    this.#opening.delete(relayId);
    this.#open.get(relayId)?.close();
    this.#open.delete(relayId);
  }

  closeAll(): void {
    for (const relayId of [...this.#opening, ...this.#open.keys()]) this.close(relayId);
  }
}
