import type { RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { METHOD } from '../../src/wire/methods.ts';
import { Peer } from '../../test/support/peer.ts';
import { TurnClient } from '../../test/support/turn-client.ts';
import { attribute } from '../../test/support/turn-requests.ts';
import { BENCH_SECRET, type BenchServer } from './servers.ts';

export interface LoadOptions {
  readonly transport: 'udp' | 'tls';
  readonly direction: 'up' | 'down';
  readonly packetsPerSecond: number;
  readonly clients: number;
  readonly payloadBytes: number;
  readonly warmUpMs: number;
  readonly measuredMs: number;
}

export interface LoadResult {
  readonly sent: number;
  readonly received: number;
  readonly cpuSeconds: number;
  readonly delaysMs: Float64Array;
}

const MAX_DELAYS = 2_000_000;
const CHANNEL = 0x4000;

interface Path {
  readonly client: TurnClient;
  readonly relayed: RemoteInfo;
}

export const openClient = (server: BenchServer, transport: 'udp' | 'tls', name: string): Promise<TurnClient> =>
  TurnClient.open({
    transport,
    port: transport === 'udp' ? server.port : server.tlsPort,
    username: `${Math.floor(Date.now() / 1000) + 3600}:${name}`,
    secret: BENCH_SECRET,
  });

/** Frees the allocation too: over UDP a later client may get the same port and would be refused for it. */
const hangUp = async (client: TurnClient): Promise<void> => {
  await client.request(METHOD.refresh, [attribute.lifetime(0)]);
  client.close();
};

/** A client with a channel to the peer, and the relayed address that the peer sees. */
const openPath = async (server: BenchServer, transport: 'udp' | 'tls', peer: Peer): Promise<Path> => {
  const client = await openClient(server, transport, 'load');
  const code = await client.allocate();
  if (code !== 0 || (await client.bind(CHANNEL, peer.address)) !== 0)
    throw new Error(`${server.name} refused the load (${code}).`);
  const arrived = once(peer.socket, 'message');
  client.sendChannel(CHANNEL, Buffer.alloc(8));
  const [, relayed] = await arrived;
  return { client, relayed };
};

/** Takes the send time out of each packet of the measured interval. */
class Meter {
  readonly #delays: Float64Array;
  sent = 0;
  received = 0;
  isMeasuring = false;

  constructor(expected: number) {
    this.#delays = new Float64Array(Math.min(MAX_DELAYS, expected));
  }

  /** A packet that says when it was sent, and whether it counts. */
  stamp(bytes: number): Buffer {
    const data = Buffer.allocUnsafe(bytes);
    data.writeDoubleBE(this.isMeasuring ? performance.now() : 0, 0);
    if (this.isMeasuring) this.sent += 1;
    return data;
  }

  take(data: Buffer): void {
    const sentAt = data.length < 8 ? 0 : data.readDoubleBE(0);
    if (sentAt === 0) return;
    if (this.received < this.#delays.length) this.#delays[this.received] = performance.now() - sentAt;
    this.received += 1;
  }

  get delaysMs(): Float64Array {
    return this.#delays.subarray(0, Math.min(this.received, this.#delays.length)).toSorted();
  }
}

/** Sends at an even rate through every path in turn, in steps of a millisecond, until told to stop. */
const pace = (packetsPerSecond: number, sendOne: (index: number) => void): (() => void) => {
  const startedAt = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    // A late timer catches up at most 20 ms, so that a pause of the generator is no burst for the server.
    const due = Math.floor(((performance.now() - startedAt) * packetsPerSecond) / 1000);
    sent = Math.max(sent, due - Math.ceil(packetsPerSecond / 50));
    for (; sent < due; sent += 1) sendOne(sent);
  }, 1);
  return () => clearInterval(timer);
};

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Loads a server in one direction and gives back what came through and what it cost the server. */
export const load = async (server: BenchServer, options: LoadOptions): Promise<LoadResult> => {
  await using peer = await Peer.open();
  peer.echoes = false;
  const paths: Path[] = [];
  for (let index = 0; index < options.clients; index += 1) paths.push(await openPath(server, options.transport, peer));
  const meter = new Meter((options.packetsPerSecond * options.measuredMs) / 1000 + 1000);
  if (options.direction === 'up') peer.socket.on('message', (data) => meter.take(data));
  else for (const { client } of paths) client.events.on('data', ({ data }) => meter.take(data));

  const stop = pace(options.packetsPerSecond, (index) => {
    const path = paths[index % paths.length];
    if (path === undefined) return;
    const data = meter.stamp(options.payloadBytes);
    if (options.direction === 'up') path.client.sendChannel(CHANNEL, data);
    else peer.socket.send(data, path.relayed.port, path.relayed.address);
  });
  await wait(options.warmUpMs);
  meter.isMeasuring = true;
  const before = server.cpuSeconds();
  await wait(options.measuredMs);
  const cpuSeconds = server.cpuSeconds() - before;
  meter.isMeasuring = false;
  stop();
  // What is under way arrives; what does not is lost.
  await wait(500);
  for (const { client } of paths) await hangUp(client);
  return { sent: meter.sent, received: meter.received, cpuSeconds, delaysMs: meter.delaysMs };
};

/** Resident memory that each further allocation takes, in kB. */
export const memoryPerAllocationKb = async (server: BenchServer, count: number): Promise<number> => {
  const clients: TurnClient[] = [];
  const before = server.residentKb();
  for (let index = 0; index < count; index += 1) {
    const client = await openClient(server, 'udp', `memory-${index % 50}`);
    const code = await client.allocate();
    if (code !== 0) throw new Error(`${server.name} refused allocation ${index} (${code}).`);
    clients.push(client);
  }
  const each = (server.residentKb() - before) / count;
  for (const client of clients) await hangUp(client);
  return each;
};
