import { batchedUdp } from '../../src/net/libc/batched-udp.ts';
import { loadLibc } from '../../src/net/libc/libc.ts';
import { nodeUdp } from '../../src/net/node-udp.ts';
import type { UdpSocket } from '../../src/net/udp.ts';
import type { TransportAddress } from '../../src/wire/ip.ts';
import { METHOD } from '../../src/wire/methods.ts';
import { TurnClient } from '../../test/support/turn-client.ts';
import { address, attribute } from '../../test/support/turn-requests.ts';
import { BENCH_SECRET } from './servers.ts';
import { tlsWire, udpWire } from './wires.ts';

export interface PathOptions {
  readonly transport: 'udp' | 'tls';
  readonly port: number;
  readonly clients: number;
  readonly payloadBytes: number;
}

const CHANNEL = 0x4000;
/** A stream that has this much waiting is not written to; what was due counts as lost. */
const MAX_UNWRITTEN_BYTES = 512 * 1024;

/** One client with a channel to the peer. */
interface Path {
  readonly client: TurnClient;
  /** What the peer sees it as. */
  readonly relayed: TransportAddress;
}

/** Clients of a server and the one peer that all of them talk to. */
export class Paths {
  /** Data that arrived at either end; it holds until the call returns. */
  onData: (data: Buffer) => void = () => {};
  readonly #frame: Buffer;
  readonly #paths: readonly Path[];
  readonly #peer: UdpSocket;

  private constructor(options: PathOptions, paths: readonly Path[], peer: UdpSocket) {
    this.#paths = paths;
    this.#peer = peer;
    this.#frame = Buffer.alloc(4 + options.payloadBytes);
    this.#frame.writeUInt16BE(CHANNEL, 0);
    this.#frame.writeUInt16BE(options.payloadBytes, 2);
    for (const { client } of paths) client.events.on('data', ({ data }) => this.onData(data));
  }

  static async open(options: PathOptions): Promise<Paths> {
    const libc = await loadLibc(process);
    const udp = libc === undefined ? nodeUdp() : batchedUdp(libc, () => {});
    let arrived: (from: TransportAddress) => void = () => {};
    let opened: Paths | undefined;
    const peer = await udp.open({
      family: 4,
      ip: '127.0.0.1',
      port: 0,
      onDatagram: (data, from) => {
        if (opened !== undefined) opened.onData(data);
        else if (from !== undefined) arrived(from);
      },
      onError: () => {},
    });
    const openWire = options.transport === 'udp' ? udpWire(udp) : tlsWire(4 + options.payloadBytes);
    const paths: Path[] = [];
    for (let index = 0; index < options.clients; index += 1) {
      const username = `${Math.floor(Date.now() / 1000) + 3600}:load-${index}`;
      const client = await TurnClient.open({ ...options, username, secret: BENCH_SECRET }, openWire);
      const codes = [await client.allocate(), await client.bind(CHANNEL, address('127.0.0.1', peer.port))];
      if (codes.some((code) => code !== 0)) throw new Error(`The load was refused (${codes.join(', ')}).`);
      const { promise, resolve } = Promise.withResolvers<TransportAddress>();
      arrived = resolve;
      client.sendChannel(CHANNEL, Buffer.alloc(8));
      paths.push({ client, relayed: await promise });
    }
    opened = new Paths(options, paths, peer);
    return opened;
  }

  /** Sends one packet on the path of that number; `mark` writes into its payload, from the place given. */
  send(direction: 'up' | 'down', index: number, mark: (data: Buffer, start: number) => void): void {
    const path = this.#paths[index % this.#paths.length];
    if (path === undefined) return;
    const { client, relayed } = path;
    if (direction === 'down') {
      mark(this.#frame, 4);
      this.#peer.send([this.#frame.subarray(4)], relayed);
    } else if (client.stream === undefined) {
      mark(this.#frame, 4);
      client.sendRaw(this.#frame);
    } else {
      // A stream may keep what it is given.
      const frame = Buffer.from(this.#frame);
      mark(frame, 4);
      if (client.stream.writableLength < MAX_UNWRITTEN_BYTES) client.sendRaw(frame);
    }
  }

  /** Frees the allocations too: over UDP a later client may get the same port and would be refused for it. */
  async close(): Promise<void> {
    this.onData = () => {};
    for (const { client } of this.#paths) {
      await client.request(METHOD.refresh, [attribute.lifetime(0)]);
      client.close();
    }
    this.#peer.close();
  }
}
