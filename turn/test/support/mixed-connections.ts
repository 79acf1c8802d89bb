import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { closed } from './closed.ts';
import type { SharedPortSite } from './shared-port-site.ts';

/** How long a connection that is of no use may stay open. */
const USELESS_MS = 10_000;
const DRIBBLE_MS = 250;
const MAX_FAILURES_KEPT = 5;

/** Throws where the connection did not get exactly what is its due. Answers how long it was open where that matters. */
type Attempt = (site: SharedPortSite, index: number) => Promise<number | undefined>;

const expectSame = (what: string, got: string | number, due: string | number): void => {
  if (got !== due) throw new Error(`${what}: ${JSON.stringify(got)} instead of ${JSON.stringify(due)}`);
};

/** Waits until the server has closed the stream; throws where it takes too long or says anything before. */
const closedUnanswered = async (stream: Duplex): Promise<number> => {
  const since = performance.now();
  let answered = 0;
  stream.on('data', (chunk: Buffer) => {
    answered += chunk.length;
  });
  const timer = setTimeout(() => stream.destroy(), USELESS_MS);
  await closed(stream);
  clearTimeout(timer);
  const openMs = performance.now() - since;
  expectSame('bytes answered', answered, 0);
  if (openMs >= USELESS_MS) throw new Error('was not closed within 10 s');
  return openMs;
};

const openRaw = async (site: SharedPortSite): Promise<Socket> => {
  const socket = connect({ port: site.port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket.on('error', () => {});
};

const https: Attempt = async (site, index) => {
  const { body, from } = await site.get(`/mixed/${index}`);
  expectSame('answer', body, `/mixed/${index} for ${from}`);
  return undefined;
};

/** As many messages as a visit's signaling needs until media flows. */
const MESSAGES = 6;
const webSocket: Attempt = async (site, index) => {
  const socket = await site.openWebSocket();
  try {
    for (let number = 0; number < MESSAGES; number += 1) {
      const said = JSON.stringify({ type: 'say', connection: index, number });
      const answer = once(socket, 'message', { signal: AbortSignal.timeout(USELESS_MS) });
      socket.send(said);
      const [heard] = await answer;
      expectSame('echo', String(heard), said);
    }
  } finally {
    socket.terminate();
  }
  return undefined;
};

const turn: Attempt = async (site, index) => {
  using client = await site.openTurn(`mixed-${index}`);
  expectSame('Allocate', await client.allocate(), 0);
  expectSame('ChannelBind', await client.bind(0x4001, site.peer.address), 0);
  const received = client.nextData();
  client.sendChannel(0x4001, Buffer.from(`packet ${index}`));
  expectSame('data', String(await received), `packet ${index}`);
  return undefined;
};

/** Every byte that begins neither a STUN message nor an HTTP method. */
const FOREIGN_BYTES = Array.from({ length: 256 }, (_, byte) => byte).filter(
  (byte) => byte > 3 && (byte < 0x41 || byte > 0x5a),
);

const garbageInTls: Attempt = async (site, index) => {
  const socket = await site.openTls();
  socket.write(Buffer.from([FOREIGN_BYTES[index % FOREIGN_BYTES.length] ?? 0xff, 1, 2, 3]));
  return closedUnanswered(socket);
};

const silentInTls: Attempt = async (site) => closedUnanswered(await site.openTls());

const noTls: Attempt = async (site) => {
  const socket = await openRaw(site);
  socket.write('this is no TLS at all, and long enough to be told so');
  const ended = closed(socket.resume());
  const since = performance.now();
  await ended;
  return performance.now() - since;
};

/** The start of a ClientHello of 512 bytes, then a byte now and again. */
const slowHandshake: Attempt = async (site) => {
  const socket = await openRaw(site);
  socket.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]));
  const timer = setInterval(() => socket.write(Buffer.alloc(1)), DRIBBLE_MS);
  try {
    return await closedUnanswered(socket);
  } finally {
    clearInterval(timer);
  }
};

const halfOpen: Attempt = async (site) => closedUnanswered(await openRaw(site));

/** Those that wait for a deadline of the server's do so many at a time; those that take its processor do not. */
const KINDS = {
  https: { attempt: https, atOnce: 8 },
  webSocket: { attempt: webSocket, atOnce: 8 },
  turn: { attempt: turn, atOnce: 8 },
  garbageInTls: { attempt: garbageInTls, atOnce: 8 },
  silentInTls: { attempt: silentInTls, atOnce: 150 },
  noTls: { attempt: noTls, atOnce: 8 },
  slowHandshake: { attempt: slowHandshake, atOnce: 250 },
  halfOpen: { attempt: halfOpen, atOnce: 250 },
} as const satisfies Record<string, { attempt: Attempt; atOnce: number }>;

export type MixedKind = keyof typeof KINDS;
export const MIXED_KINDS = Object.keys(KINDS) as readonly MixedKind[];

export interface KindResult {
  readonly kind: MixedKind;
  readonly opened: number;
  /** How many got what is their due. */
  right: number;
  /** Of those that the server is to close. */
  longestOpenMs: number;
  /** The first few. */
  readonly failures: string[];
}

const runKind = async (site: SharedPortSite, kind: MixedKind, count: number): Promise<KindResult> => {
  const { attempt, atOnce }: { attempt: Attempt; atOnce: number } = KINDS[kind];
  const result: KindResult = { kind, opened: count, right: 0, longestOpenMs: 0, failures: [] };
  let next = 0;
  const workOff = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      try {
        result.longestOpenMs = Math.max(result.longestOpenMs, (await attempt(site, next)) ?? 0);
        result.right += 1;
      } catch (cause) {
        if (result.failures.length < MAX_FAILURES_KEPT) result.failures.push(String(cause));
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, workOff));
  return result;
};

/** Opens so many connections of every kind, all kinds at once. */
export const openMixed = (site: SharedPortSite, ofEachKind: number): Promise<KindResult[]> =>
  Promise.all(MIXED_KINDS.map((kind) => runKind(site, kind, ofEachKind)));

/** What the server's own side has seen, by whom it was given to. */
export interface ServedCounts {
  readonly requests: number;
  readonly upgrades: number;
  readonly allocations: number;
  readonly garbage: number;
  readonly silent: number;
}

export const servedBy = async (site: SharedPortSite): Promise<ServedCounts> => {
  const stats = await site.server.turn.stats();
  return {
    ...site.seen,
    allocations: stats.opened,
    garbage: stats.garbageClosed,
    silent: stats.idleClosed,
  };
};

/** What a mix adds to those counts where every connection was given to whom it belongs. */
export const servedIfRight = (before: ServedCounts, ofEachKind: number): ServedCounts => ({
  requests: before.requests + ofEachKind,
  upgrades: before.upgrades + ofEachKind,
  allocations: before.allocations + ofEachKind,
  garbage: before.garbage + ofEachKind,
  silent: before.silent + ofEachKind,
});
