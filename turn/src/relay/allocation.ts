import type { AddressFamily, TransportAddress } from '../wire/ip.ts';
import type { Client } from './client.ts';
import type { RelayId } from './commands.ts';
import type { Usage } from './quotas.ts';

/** RFC 8656 §9: a permission holds five minutes. */
export const PERMISSION_LIFETIME_MS = 300_000;
/** RFC 8656 §12: a channel binding holds ten minutes. */
export const CHANNEL_LIFETIME_MS = 600_000;

export interface Channel {
  readonly number: number;
  readonly peer: TransportAddress;
  expiresAt: number;
}

/** One relayed transport address. */
export interface RelayEnd {
  readonly relayId: RelayId;
  readonly family: AddressFamily;
  readonly address: TransportAddress;
  /** The only peer that is listened to, where there is but one. */
  focus: TransportAddress | undefined;
  /** Data went to more than one peer; it never gets a focus again. */
  wandering: boolean;
}

const peerKey = (peer: TransportAddress): string => `${peer.ip} ${peer.port}`;

/** What a client holds (RFC 8656 §3.2): relayed addresses, permissions and channels, until `endsAt`. */
export class Allocation {
  readonly client: Client;
  readonly username: string;
  readonly usage: Usage;
  readonly ends = new Map<AddressFamily, RelayEnd>();
  /** The Allocate that made it and its answer, so that a repeated one is answered the same (RFC 8656 §7.2). */
  readonly transactionId: string;
  readonly response: Buffer;
  /** As LIFETIME says. */
  expiresAt: number;
  /** Canonical IP → when the permission ends. */
  readonly #permissions = new Map<string, number>();
  readonly #channelsByNumber = new Map<number, Channel>();
  readonly #channelsByPeer = new Map<string, Channel>();

  constructor(options: {
    client: Client;
    username: string;
    usage: Usage;
    ends: readonly RelayEnd[];
    transactionId: string;
    response: Buffer;
    expiresAt: number;
  }) {
    this.client = options.client;
    this.username = options.username;
    this.usage = options.usage;
    this.transactionId = options.transactionId;
    this.response = options.response;
    this.expiresAt = options.expiresAt;
    for (const end of options.ends) this.ends.set(end.family, end);
  }

  get permissionCount(): number {
    return this.#permissions.size;
  }

  get channelCount(): number {
    return this.#channelsByNumber.size;
  }

  hasPermission(ip: string, now: number): boolean {
    const expiresAt = this.#permissions.get(ip);
    return expiresAt !== undefined && expiresAt > now;
  }

  /** RFC 8656 §9: installs it or makes it last five minutes from now. */
  permit(ip: string, now: number): void {
    this.#permissions.set(ip, now + PERMISSION_LIFETIME_MS);
  }

  /** Undefined where nothing is bound, or no longer. */
  channelByNumber(number: number, now: number): Channel | undefined {
    const channel = this.#channelsByNumber.get(number);
    return channel !== undefined && channel.expiresAt > now ? channel : undefined;
  }

  channelByPeer(peer: TransportAddress, now: number): Channel | undefined {
    const channel = this.#channelsByPeer.get(peerKey(peer));
    return channel !== undefined && channel.expiresAt > now ? channel : undefined;
  }

  /** Binds, or makes the binding last ten minutes from now; the caller has checked that neither end is taken. */
  bind(number: number, peer: TransportAddress, now: number): void {
    const channel = { number, peer, expiresAt: now + CHANNEL_LIFETIME_MS };
    this.#channelsByNumber.set(number, channel);
    this.#channelsByPeer.set(peerKey(peer), channel);
    this.permit(peer.ip, now);
  }

  /** Drops what has ended, so that a client's limits count only what holds. */
  prune(now: number): void {
    for (const [ip, expiresAt] of this.#permissions) if (expiresAt <= now) this.#permissions.delete(ip);
    for (const [number, channel] of this.#channelsByNumber) if (channel.expiresAt <= now) this.#unbind(number, channel);
  }

  /** Drops permissions and channels of peers that `allowed` refuses. */
  retain(allowed: { ip: (ip: string) => boolean; peer: (peer: TransportAddress) => boolean }): void {
    for (const ip of this.#permissions.keys()) if (!allowed.ip(ip)) this.#permissions.delete(ip);
    for (const [number, channel] of this.#channelsByNumber)
      if (!allowed.peer(channel.peer)) this.#unbind(number, channel);
  }

  #unbind(number: number, channel: Channel): void {
    this.#channelsByNumber.delete(number);
    const key = peerKey(channel.peer);
    if (this.#channelsByPeer.get(key) === channel) this.#channelsByPeer.delete(key);
  }

  /** The one peer of a family that this allocation is about: one channel, and no permission beside its address. */
  solePeer(end: RelayEnd): TransportAddress | undefined {
    if (end.wandering) return undefined;
    const peers = [...this.#channelsByNumber.values()]
      .map(({ peer }) => peer)
      .filter(({ family }) => family === end.family);
    const [peer] = peers;
    if (peer === undefined || peers.length > 1) return undefined;
    const ofFamily = [...this.#permissions.keys()].filter((ip) => ip.includes(':') === (end.family === 6));
    return ofFamily.every((ip) => ip === peer.ip) ? peer : undefined;
  }
}
