import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { slowdown } from '@bedside/kit/pace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PacketThreads } from '../src/net/packet-threads.ts';
import { METHOD } from '../src/wire/methods.ts';
import { type TestCertificate, testCertificate } from './support/certificate.ts';
import { closed } from './support/closed.ts';
import { Peer } from './support/peer.ts';
import { runVisit } from './support/running-visit.ts';
import { TurnClient } from './support/turn-client.ts';
import { attribute, codeOf } from './support/turn-requests.ts';
import { startTestServer, TEST_SECRET, type TestServer, usernameFor } from './support/turn-server.ts';

let certificate: TestCertificate;
let peer: Peer;
let server: TestServer;

beforeAll(async () => {
  certificate = testCertificate();
  peer = await Peer.open();
  server = await startTestServer({
    peers: [peer.rule],
    kinds: ['udp', 'tcp', 'tls'],
    tls: certificate,
    limits: {
      allocations: 500,
      allocationsPerAddress: 400,
      allocationsPerCredential: 20,
      credentialBps: 20_000_000,
    },
  });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await peer[Symbol.asyncDispose]();
  certificate[Symbol.dispose]();
});

const open = (transport: 'udp' | 'tcp' | 'tls', options: { name?: string; secret?: string } = {}) =>
  TurnClient.open({
    transport,
    port: server.port(transport),
    username: usernameFor(options.name ?? 'grant'),
    secret: options.secret ?? TEST_SECRET,
    ca: certificate.cert,
  });

/** How long a client with a right credential takes from connecting to its relayed address, in ms. */
const allocationMs = async (): Promise<number> => {
  const startedAt = performance.now();
  using client = await open('tcp');
  expect(await client.allocate()).toBe(0);
  return performance.now() - startedAt;
};

const runningVisit = async () => runVisit(await open('udp', { name: 'visit' }), peer);

it('BOUND2: 1,000 raw and 1,000 TLS connections that say nothing are closed within 10 s, and hinder nobody', {
  timeout: 60_000,
}, async () => {
  const visit = await runningVisit();
  const closings: Promise<unknown>[] = [];
  const lives: number[] = [];
  const follow = (socket: ReturnType<typeof connect>): void => {
    const since = performance.now();
    closings.push(closed(socket).then(() => lives.push(performance.now() - since)));
    socket.resume();
  };
  for (let index = 0; index < 500; index += 1) {
    follow(connect(server.port('tcp'), '127.0.0.1'));
    follow(connect(server.port('tls'), '127.0.0.1'));
    follow(connectTls({ port: server.port('tls'), host: '127.0.0.1', rejectUnauthorized: false }));
    follow(connectTls({ port: server.port('tls'), host: '127.0.0.1', rejectUnauthorized: false }));
  }
  let over = false;
  const all = Promise.all(closings).then(() => {
    over = true;
  });
  const tries: number[] = [];
  while (!over) {
    tries.push(await allocationMs());
    await new Promise((resolve) => setImmediate(resolve));
  }
  await all;
  expect(lives).toHaveLength(2000);
  // Both ends of a thousand handshakes are on this machine, so some wait before the server hears of them.
  const pace = slowdown();
  expect(Math.max(...lives)).toBeLessThan(10_000 + 2_000 * pace);
  expect(tries.toSorted((a, b) => a - b)[Math.floor(tries.length / 2)]).toBeLessThan(100 * pace);
  expect((await visit.end()).lost).toBe(0);
  expect((await server.turn.stats()).streams).toBeLessThan(5);
});

describe('a stream', () => {
  it.each([
    ['that claims a giant frame', Buffer.from([0x00, 0x01, 0xff, 0xfc])],
    ['of an unaligned message', Buffer.from([0x00, 0x01, 0x00, 0x03])],
    ['of giant ChannelData before any allocation', Buffer.from([0x40, 0x00, 0xff, 0xff])],
    ['of garbage', Buffer.from('\xff\xff\xff\xff', 'latin1')],
  ])('%s is closed', async (_what, bytes) => {
    const socket = connect(server.port('tcp'), '127.0.0.1');
    const ended = closed(socket);
    socket.resume();
    const before = (await server.turn.stats()).garbageClosed;
    socket.write(bytes);
    await ended;
    // Closed for what it said, not for being idle later.
    expect((await server.turn.stats()).garbageClosed).toBe(before + 1);
  });

  it('cut off in the middle of a frame leaves nothing', async () => {
    const socket = connect(server.port('tcp'), '127.0.0.1');
    await once(socket, 'connect');
    socket.end(Buffer.from([0x00, 0x03, 0x00, 0x40, 0x21]));
    socket.resume();
    await closed(socket);
    expect((await server.health.report()).ready).toBe(true);
  });
});

it('BOUND1: guessing credentials gets no allocation, slowly answered, and a visit loses nothing', {
  timeout: 60_000,
}, async () => {
  const visit = await runningVisit();
  using guesser = await open('tcp', { secret: 'a guess' });
  guesser.writer.learn(await guesser.request(METHOD.allocate, [attribute.udp]));
  let answers = 0;
  guesser.events.on('frame', () => {
    answers += 1;
  });
  for (let guess = 0; guess < 3000; guess += 1) {
    guesser.sendRaw(guesser.writer.write(METHOD.allocate, [attribute.udp]));
  }
  while ((await server.turn.stats()).counters.unanswered < 2000) await new Promise((resolve) => setImmediate(resolve));
  expect(answers).toBeLessThan(1000);
  expect((await allocationMs()) / slowdown()).toBeLessThan(1000);
  expect((await visit.end()).lost).toBe(0);
});

it('a flood of allocations ends at the credential’s quota, then at the address’s', { timeout: 60_000 }, async () => {
  const visit = await runningVisit();
  const clients = await Promise.all(Array.from({ length: 30 }, () => open('udp', { name: 'greedy' })));
  const codes = await Promise.all(clients.map((client) => client.allocate()));
  expect(codes.filter((code) => code === 0)).toHaveLength(20);
  expect(codes.filter((code) => code === 486)).toHaveLength(10);
  for (const client of clients) {
    if (codes[clients.indexOf(client)] === 0)
      expect(codeOf(await client.request(METHOD.refresh, [attribute.lifetime(0)]))).toBe(0);
    client.close();
  }
  expect((await visit.end()).lost).toBe(0);
});

it('NONCE1: a nonce is of no use to another connection', async () => {
  using first = await open('tcp');
  await first.allocate();
  using second = await open('tcp');
  Object.assign(second.writer, { realm: first.writer.realm, nonce: first.writer.nonce });
  expect(await second.allocate()).toBe(438);
});

it('CRED4: a packet thread that dies is replaced, and knows what was revoked before', { timeout: 60_000 }, async () => {
  const lost = Promise.withResolvers<void>();
  const threads = await PacketThreads.start({
    count: 1,
    random: () => 0,
    onLost: () => lost.resolve(),
    config: {
      listen: [{ kind: 'tcp', ip: '127.0.0.1', port: 0 }],
      reusePort: false,
      batching: true,
      peerMappings: [],
      tls: undefined,
      httpUpstreamPath: undefined,
      realm: 'bedside',
      secrets: [TEST_SECRET],
      nonceKey: Buffer.alloc(32, 1),
      peers: [peer.rule],
      relayAddresses: { 4: { ip: '127.0.0.1', announcedIp: '127.0.0.1' } },
      relayPorts: { min: 49_152, max: 65_535 },
      limits: { allocations: 10, allocationsPerAddress: 10, allocationsPerCredential: 10, credentialBps: 1_000_000 },
      usernameAnonymity: false,
      maxCredentialLifeMs: 86_400_000,
      idleStreamMs: 5_000,
      maxIdleStreams: 10,
      credentialCalls: [],
    },
  });
  const port = threads.listening[0]?.port ?? 0;
  const allocate = async (name: string): Promise<number> => {
    using client = await TurnClient.open({ transport: 'tcp', port, username: usernameFor(name), secret: TEST_SECRET });
    return await client.allocate();
  };
  await threads.revoke('gone', Date.now() + 3_600_000);
  expect(await allocate('here')).toBe(0);
  await threads.crashOne();
  await lost.promise;
  while (!threads.isComplete) await new Promise((resolve) => setImmediate(resolve));
  expect(threads.listening[0]?.port).toBe(port);
  expect([await allocate('gone'), await allocate('here')]).toEqual([401, 0]);
  await threads.close();
});
