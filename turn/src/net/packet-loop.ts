import type { Duplex } from 'node:stream';
import type { Clock } from '@bedside/kit';
import type { Client } from '../relay/client.ts';
import type { CloseReason, Command } from '../relay/commands.ts';
import type { RelayConfig } from '../relay/config.ts';
import type { PeerPolicy } from '../relay/peer-policy.ts';
import { Relay } from '../relay/relay.ts';
import { type AddressFamily, type TransportAddress, transportAddress } from '../wire/ip.ts';
import { Deadlines } from './deadlines.ts';
import type { LoopStats } from './loop-stats.ts';
import { Moderation } from './moderation.ts';
import type { PeerMap } from './peer-map.ts';
import { type RelayAddress, RelaySockets } from './relay-sockets.ts';
import { StreamClient } from './stream-client.ts';
import type { Udp, UdpSocket } from './udp.ts';

export interface PacketLoopOptions {
  readonly relay: RelayConfig;
  readonly relayAddresses: Readonly<Partial<Record<AddressFamily, RelayAddress>>>;
  readonly peerMap: PeerMap;
  readonly relayPorts: { readonly min: number; readonly max: number };
  /** A stream that holds no allocation this long is closed. */
  readonly idleStreamMs: number;
  /** Streams without an allocation; beyond it the oldest of them is closed. */
  readonly maxIdleStreams: number;
}

export interface PacketLoopDeps {
  /** Holds the whole thread up for that many ms. */
  readonly pause: (ms: number) => void;
  /** Its sockets are the loop's; `onBatchEnd` has to be called behind datagrams whose memory is used again. */
  readonly createUdp: (onBatchEnd: () => void) => Udp;
  readonly now: Clock;
  readonly randomTransactionId: () => Buffer;
  readonly randomInt: (min: number, max: number) => number;
}

/** Datagram clients whose names are kept, by a listener; beyond it they are forgotten and made again. */
const MAX_CLIENTS_KEPT = 8192;

/** A socket that listens in both families gives IPv4 addresses as mapped ones; clients are told their own. */
const canonicalSender = (from: { ip: string; port: number }): TransportAddress | undefined => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(from.ip);
  return transportAddress(mapped?.[1] ?? from.ip, from.port);
};

/**
 * Puts sockets to the relay: it carries out the relay's commands and feeds it what arrives. Everything of one packet
 * happens in one turn of the event loop of the thread it runs in.
 */
export class PacketLoop {
  readonly #deps: PacketLoopDeps;
  readonly #relay: Relay;
  readonly #udp: Udp;
  readonly #sockets: RelaySockets;
  readonly #streams = new Map<string, StreamClient>();
  readonly #idle: Deadlines<StreamClient>;
  /** Those with something to be written. */
  readonly #unflushed = new Set<StreamClient>();
  readonly #moderation = new Moderation(performance.now());
  #handledInTurn = 0;
  #turnEndIsDue = false;
  readonly #listeners = new Set<UdpSocket>();
  /** Datagram clients that hold an allocation: the socket they came by. */
  readonly #listenerOf = new Map<string, UdpSocket>();
  readonly #counted = {
    opened: 0,
    closed: {} as Partial<Record<CloseReason, number>>,
    refused: {} as Record<number, number>,
    congested: 0,
    idleClosed: 0,
    garbageClosed: 0,
  };
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #nextKey = 0;
  #closed = false;

  constructor(options: PacketLoopOptions, deps: PacketLoopDeps) {
    this.#deps = deps;
    this.#relay = new Relay(options.relay, deps);
    this.#udp = deps.createUdp(() => this.#flushStreams());
    this.#sockets = new RelaySockets({
      udp: this.#udp,
      addresses: options.relayAddresses,
      peerMap: options.peerMap,
      ports: options.relayPorts,
      randomInt: deps.randomInt,
      onDatagram: (relayId, data, from) =>
        this.#carryOut(this.#relay.handlePeer(relayId, data, { from, now: deps.now() }), undefined),
      onBroken: (relayId) => this.#carryOut(this.#relay.relayFailed(relayId, deps.now()), undefined),
    });
    this.#idle = new Deadlines({
      afterMs: options.idleStreamMs,
      maxItems: options.maxIdleStreams,
      now: deps.now,
      onDue: (stream) => {
        this.#counted.idleClosed += 1;
        stream.close();
      },
    });
  }

  /** Listens for datagrams and gives back the address bound. Throws what bind throws. */
  async listenUdp(address: { ip: string; port: number; reusePort: boolean }): Promise<TransportAddress> {
    const family = address.ip.includes(':') ? 6 : 4;
    const listenerKey = `u${this.#nextKey++}`;
    const clients = new Map<TransportAddress, Client>();
    const clientAt = (from: TransportAddress): Client => {
      const known = clients.get(from);
      if (known !== undefined) return known;
      const client: Client = { key: `${listenerKey} ${from.ip} ${from.port}`, transport: 'udp', address: from };
      if (clients.size >= MAX_CLIENTS_KEPT) clients.clear();
      clients.set(from, client);
      return client;
    };
    const listener: UdpSocket = await this.#udp.open({
      family,
      ...address,
      onDatagram: (data, from) => {
        if (from !== undefined) this.#carryOut(this.#relay.handle(data, clientAt(from), this.#deps.now()), listener);
      },
      // A listener's errors are those of single answers (ICMP); there is nobody to tell.
      onError: () => {},
    });
    this.#listeners.add(listener);
    return { family, ip: address.ip, port: listener.port };
  }

  /**
   * Takes over a connection, TLS already taken off: of our own listeners, or of a port shared with others. Bytes read
   * ahead have to be pushed back (`unshift`) before.
   */
  attachStream(stream: Duplex, from: { transport: 'tcp' | 'tls'; ip: string; port: number }): void {
    const address = canonicalSender(from);
    if (this.#closed || address === undefined) {
      stream.destroy();
      return;
    }
    const client: Client = { key: `s${this.#nextKey++}`, transport: from.transport, address };
    const streamClient = new StreamClient({
      stream,
      client,
      events: {
        onFrame: (frame) => this.#carryOut(this.#relay.handle(frame, client, this.#deps.now()), undefined),
        onClosed: () => {
          this.#idle.clear(streamClient);
          this.#streams.delete(client.key);
          this.#carryOut(this.#relay.clientClosed(client), undefined);
        },
        onDropped: (messages) => {
          this.#counted.congested += messages;
        },
        onProblem: () => {
          this.#counted.garbageClosed += 1;
        },
      },
    });
    this.#streams.set(client.key, streamClient);
    this.#idle.set(streamClient);
  }

  /** A connection on a shared port that was neither TURN nor HTTP, or said nothing. */
  countRefusedStream(why: 'other' | 'silent'): void {
    if (why === 'other') this.#counted.garbageClosed += 1;
    else this.#counted.idleClosed += 1;
  }

  /** Closes the credential's allocations and gives back how many there were. */
  revoke(name: string, until: number): number {
    const before = this.#relay.allocationCount;
    this.#carryOut(this.#relay.revoke(name, { until, now: this.#deps.now() }), undefined);
    return before - this.#relay.allocationCount;
  }

  extend(name: string, expiresAt: number): void {
    this.#relay.extend(name, { expiresAt, now: this.#deps.now() });
  }

  announce(username: string): void {
    this.#relay.announce(username);
  }

  setPeers(peers: PeerPolicy): void {
    this.#carryOut(this.#relay.setPeers(peers), undefined);
  }

  drain(): void {
    this.#relay.drain();
  }

  stats(): LoopStats {
    const { closed, refused, ...rest } = this.#counted;
    return {
      ...rest,
      closed: { ...closed },
      refused: { ...refused },
      allocations: this.#relay.allocationCount,
      streams: this.#streams.size,
      batching: this.#udp.kind === 'batched' ? 1 : 0,
      counters: { ...this.#relay.counters },
    };
  }

  /** Ends every allocation, stream and socket. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#carryOut(this.#relay.closeAll('drained'), undefined);
    for (const stream of this.#streams.values()) stream.close();
    for (const listener of this.#listeners) listener.close();
    this.#sockets.closeAll();
    this.#idle.close();
    clearTimeout(this.#timer);
  }

  /** `listener` is the socket that the client of these commands came by, where it came by one. */
  #carryOut(commands: readonly Command[], listener: UdpSocket | undefined): void {
    for (const command of commands) this.#execute(command, listener);
    this.#arm();
    this.#handledInTurn += 1;
    this.#endTurnSoon();
  }

  #execute(command: Command, listener: UdpSocket | undefined): void {
    switch (command.type) {
      case 'send-to-peer':
        if (!this.#sockets.send(command.relayId, command.data, command.peer)) this.#counted.congested += 1;
        return;
      case 'send-to-client':
        this.#sendToClient(command, listener);
        return;
      case 'open-relay':
        void this.#openRelay(command, listener);
        return;
      case 'focus-relay':
        this.#sockets.focus(command.relayId, command.peer);
        return;
      case 'close-relay':
        this.#sockets.close(command.relayId);
        return;
      case 'allocation-opened':
        this.#counted.opened += 1;
        this.#remember(command.client, listener);
        return;
      case 'allocation-closed':
        this.#counted.closed[command.reason] = (this.#counted.closed[command.reason] ?? 0) + 1;
        this.#forget(command.client);
        return;
      case 'request-refused':
        this.#counted.refused[command.code] = (this.#counted.refused[command.code] ?? 0) + 1;
    }
  }

  #sendToClient(command: Extract<Command, { type: 'send-to-client' }>, listener: UdpSocket | undefined): void {
    const { client, chunks, kind } = command;
    if (client.transport !== 'udp') {
      const stream = this.#streams.get(client.key);
      if (stream === undefined) return;
      stream.send(chunks, kind);
      this.#unflushed.add(stream);
      return;
    }
    const socket = listener ?? this.#listenerOf.get(client.key);
    if (socket?.send(chunks, client.address) === false) this.#counted.congested += 1;
  }

  /** After the poll phase, so that everything that arrived together leaves together. */
  #endTurnSoon(): void {
    if (this.#turnEndIsDue) return;
    this.#turnEndIsDue = true;
    setImmediate(() => {
      this.#turnEndIsDue = false;
      this.#flushStreams();
      this.#udp.flush();
      const pauseMs = this.#moderation.pauseMs(this.#handledInTurn, performance.now());
      this.#handledInTurn = 0;
      if (pauseMs > 0 && !this.#closed) this.#deps.pause(pauseMs);
    });
  }

  #flushStreams(): void {
    for (const stream of this.#unflushed) stream.flush();
    this.#unflushed.clear();
  }

  #remember(client: Client, listener: UdpSocket | undefined): void {
    if (listener !== undefined) this.#listenerOf.set(client.key, listener);
    const stream = this.#streams.get(client.key);
    if (stream === undefined) return;
    this.#idle.clear(stream);
    stream.setKnown(true);
  }

  #forget(client: Client): void {
    this.#listenerOf.delete(client.key);
    const stream = this.#streams.get(client.key);
    if (stream === undefined) return;
    stream.setKnown(false);
    this.#idle.set(stream);
  }

  async #openRelay(command: Extract<Command, { type: 'open-relay' }>, listener: UdpSocket | undefined): Promise<void> {
    const address = await this.#sockets.open(command);
    const now = this.#deps.now();
    // Where the Allocate was given up meanwhile, the relay knows nothing of it and has nothing to say.
    const commands =
      address === undefined
        ? this.#relay.relayFailed(command.relayId, now)
        : this.#relay.relayOpened(command.relayId, address, now);
    this.#carryOut(commands, listener);
  }

  #arm(): void {
    const at = this.#relay.nextTimeout() ?? Number.POSITIVE_INFINITY;
    if (at >= this.#timerAt || this.#closed) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(
      () => {
        this.#timerAt = Number.POSITIVE_INFINITY;
        this.#carryOut(this.#relay.handleTimeout(this.#deps.now()), undefined);
      },
      Math.max(1, at - this.#deps.now()),
    );
  }
}
