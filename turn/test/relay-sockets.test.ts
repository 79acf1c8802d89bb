import { once } from 'node:events';
import { unhurriedMs } from '@bedside/kit/pace';
import { TURN_CREDENTIAL_SUBJECT } from '@bedside/protocol';
import { afterAll, describe, expect, it } from 'vitest';
import { METHOD } from '../src/wire/methods.ts';
import { allocateAndFree } from './support/churn.ts';
import { startEveryTransport } from './support/every-transport.ts';
import { Peer } from './support/peer.ts';
import { TurnClient } from './support/turn-client.ts';
import { address, attribute, codeOf } from './support/turn-requests.ts';
import { startTestServer, TEST_SECRET, usernameFor } from './support/turn-server.ts';

const site = await startEveryTransport();
const { certificate, peer, server } = site;
afterAll(() => site[Symbol.asyncDispose]());

const open = (
  transport: 'udp' | 'tcp' | 'tls',
  options: { name?: string; seconds?: number } = {},
): Promise<TurnClient> =>
  TurnClient.open({
    transport,
    port: server.port(transport),
    username: usernameFor(options.name ?? 'grant', options.seconds),
    secret: TEST_SECRET,
    ca: certificate.cert,
  });
/** Those of earlier tests have hung up by then. */
const settled = () => until(async () => (await server.turn.stats()).streams === 0);
const allocations = async (): Promise<number> => (await server.turn.stats()).allocations;
/** Asks until it is so; the threads count in their own time. */
const until = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
};

describe.each(['udp', 'tcp', 'tls'] as const)('over %s', (transport) => {
  it.each([1, 999, 1000, 1001, 1002, 1003, 1400])(
    'a payload of %i bytes goes through a channel and back',
    async (length) => {
      using client = await open(transport);
      expect(await client.allocate()).toBe(0);
      expect(await client.bind(0x4000, peer.address)).toBe(0);
      const sent = Buffer.alloc(length, length & 0xff);
      const received = client.nextData();
      client.sendChannel(0x4000, sent);
      expect((await received).equals(sent)).toBe(true);
    },
  );

  it('indications carry data where there is but a permission', async () => {
    using client = await open(transport);
    await client.allocate();
    expect(await client.permit(peer.address)).toBe(0);
    const received = client.nextData();
    client.sendIndication(peer.address, Buffer.from('hello'));
    expect((await received).toString()).toBe('hello');
  });

  it('a burst comes back whole and in order', async () => {
    using client = await open(transport);
    await client.allocate();
    await client.bind(0x4000, peer.address);
    const got: number[] = [];
    const { promise: all, resolve } = Promise.withResolvers<void>();
    client.events.on('data', ({ data }) => {
      got.push(data.readUInt16BE(0));
      if (got.length === 60) resolve();
    });
    for (let index = 0; index < 60; index += 1) {
      const data = Buffer.alloc(300);
      data.writeUInt16BE(index);
      client.sendChannel(0x4000, data);
    }
    await all;
    expect(got).toEqual(Array.from({ length: 60 }, (_, index) => index));
  });

  it('three refreshes leave everything as it is', async () => {
    using client = await open(transport);
    await client.allocate();
    await client.bind(0x4000, peer.address);
    for (let refresh = 0; refresh < 3; refresh += 1) {
      expect(codeOf(await client.request(METHOD.refresh, [attribute.lifetime(900)]))).toBe(0);
      expect(await client.bind(0x4000, peer.address)).toBe(0);
    }
    const received = client.nextData();
    client.sendChannel(0x4000, Buffer.from('still there'));
    expect((await received).toString()).toBe('still there');
  });

  it('a refresh of zero, or hanging up a stream, ends the allocation', async () => {
    await settled();
    using client = await open(transport);
    const before = await allocations();
    expect(await client.allocate()).toBe(0);
    expect(await allocations()).toBe(before + 1);
    if (transport === 'udp') expect(codeOf(await client.request(METHOD.refresh, [attribute.lifetime(0)]))).toBe(0);
    else client.close();
    await until(async () => (await allocations()) === before);
  });

  it('CLOSED1: nothing but the peers listed can be reached', async () => {
    await using other = await Peer.open();
    using client = await open(transport);
    await client.allocate();
    expect(await client.bind(0x4000, other.address)).toBe(403);
    expect(await client.permit(address('127.0.0.2', peer.address.port))).toBe(403);
    expect(await client.permit(peer.address)).toBe(0);
    client.sendIndication(other.address, Buffer.from('x'));
    const received = client.nextData();
    client.sendIndication(peer.address, Buffer.from('y'));
    expect((await received).toString()).toBe('y');
    expect(other.received).toBe(0);
  });

  it('CRED4: a revoked credential ends its allocation within 500 ms, and media with it', async () => {
    await settled();
    using client = await open(transport, { name: `to-be-revoked-${transport}` });
    const before = await allocations();
    expect(await client.allocate()).toBe(0);
    await client.bind(0x4000, peer.address);
    const startedAt = performance.now();
    server.bus.publish(TURN_CREDENTIAL_SUBJECT, {
      type: 'revoked',
      name: `to-be-revoked-${transport}`,
      until: Date.now() + 3_600_000,
    });
    await until(async () => (await allocations()) === before);
    expect(unhurriedMs(startedAt)).toBeLessThan(500);
    const receivedBefore = peer.received;
    client.sendChannel(0x4000, Buffer.from('x'));
    expect(codeOf(await client.request(METHOD.refresh))).toBe(401);
    expect(peer.received).toBe(receivedBefore);
  });

  it('CRED3: an allocation ends with its credential', async () => {
    await settled();
    const before = await allocations();
    using client = await open(transport, { seconds: 1 });
    const code = await client.allocate();
    // The username may have ended before the request arrived, for it counts whole seconds.
    expect([0, 401]).toContain(code);
    await until(async () => (await allocations()) === before);
    expect(await client.allocate()).toBe(401);
  });
});

it('CLOSED3: a peer taken off the list is out of reach for an allocation there is', async () => {
  using client = await open('udp');
  await client.allocate();
  await client.bind(0x4000, peer.address);
  await server.turn.setPeers([]);
  const before = peer.received;
  client.sendChannel(0x4000, Buffer.from('x'));
  expect(await client.bind(0x4000, peer.address)).toBe(403);
  expect(peer.received).toBe(before);
  await server.turn.setPeers([peer.rule]);
  expect(await client.bind(0x4000, peer.address)).toBe(0);
});

it('CLOSED5: a peer behind a NAT is known by the address it announces, and by no other', async () => {
  const announcedIp = '203.0.113.4';
  const { port } = peer.address;
  await using behindNat = await startTestServer({
    peers: [{ ip: announcedIp, minPort: port, maxPort: port }],
    kinds: ['udp'],
    peerMappings: [{ announcedIp, reachedIp: peer.address.ip }],
  });
  const openHere = () =>
    TurnClient.open({
      transport: 'udp',
      port: behindNat.port('udp'),
      username: usernameFor('nat'),
      secret: TEST_SECRET,
    });
  const announced = address(announcedIp, port);

  using byChannel = await openHere();
  await byChannel.allocate();
  expect(await byChannel.bind(0x4000, peer.address)).toBe(403);
  expect(await byChannel.bind(0x4000, announced)).toBe(0);
  const echoed = byChannel.nextData();
  byChannel.sendChannel(0x4000, Buffer.from('by channel'));
  expect(String(await echoed)).toBe('by channel');

  using byIndication = await openHere();
  await byIndication.allocate();
  expect(await byIndication.permit(announced)).toBe(0);
  const arrived = once(byIndication.events, 'data');
  byIndication.sendIndication(announced, Buffer.from('by indication'));
  const [{ from, data }] = await arrived;
  expect(String(data)).toBe('by indication');
  expect(from).toEqual(announced);
});

it('1,000 allocations made and freed leave no file descriptor', { timeout: 60_000 }, async () => {
  using client = await open('tls');
  expect(await allocateAndFree(client, 1000)).toBe(0);
});

it('figures are in the metrics, and no name of anybody', async () => {
  using client = await open('udp', { name: 'grant-in-metrics' });
  await client.allocate();
  await client.bind(0x4000, peer.address);
  const received = client.nextData();
  client.sendChannel(0x4000, Buffer.from('x'));
  await received;
  const text = await server.registry.metrics();
  expect(text).toMatch(/^bedside_turn_allocations [1-9]/m);
  expect(text).toMatch(/^bedside_turn_batching_threads 1$/m);
  expect(text).toMatch(/^bedside_turn_packets_total\{direction="up"\} [1-9]/m);
  expect(text).not.toContain('grant-in-metrics');
  expect(await server.health.report()).toMatchObject({ ready: true, checks: { turn: 'ok' } });
});

it('DRAIN1: draining takes no new allocation and waits for those there are', async () => {
  await using draining = await startTestServer({ peers: [peer.rule], kinds: ['udp'] });
  const options = {
    transport: 'udp',
    port: draining.port('udp'),
    username: usernameFor('a'),
    secret: TEST_SECRET,
  } as const;
  using client = await TurnClient.open(options);
  using late = await TurnClient.open(options);
  await client.allocate();
  let drained = false;
  const done = draining.turn.drain({ timeoutMs: 10_000 }).then(() => {
    drained = true;
  });
  await draining.turn.stats();
  expect(await late.allocate()).toBe(508);
  expect(drained).toBe(false);
  await client.request(METHOD.refresh, [attribute.lifetime(0)]);
  await done;
});

it('CRED4, BOUND4: two threads share a port and a revocation reaches both', async () => {
  await using shared = await startTestServer({ peers: [peer.rule], kinds: ['udp', 'tcp'], threads: 2 });
  const clients = await Promise.all(
    Array.from({ length: 12 }, (_, index) => {
      const transport = index % 2 === 0 ? ('udp' as const) : ('tcp' as const);
      return TurnClient.open({
        transport,
        port: shared.port(transport),
        username: usernameFor('both'),
        secret: TEST_SECRET,
      });
    }),
  );
  expect(await Promise.all(clients.map((client) => client.allocate()))).toEqual(clients.map(() => 0));
  expect(await shared.turn.revoke('both', Date.now() + 3_600_000)).toBe(12);
  for (const client of clients) client.close();
});

it('BOUND3: a client that stops reading loses the oldest packets and makes nothing grow', async () => {
  await using source = await Peer.open();
  await using slow = await startTestServer({
    peers: [source.rule],
    kinds: ['tcp'],
    limits: { allocations: 10, allocationsPerAddress: 10, allocationsPerCredential: 10, credentialBps: 4_000_000_000 },
  });
  using client = await TurnClient.open({
    transport: 'tcp',
    port: slow.port('tcp'),
    username: usernameFor('slow'),
    secret: TEST_SECRET,
  });
  await client.allocate();
  await client.bind(0x4000, source.address);
  source.echoes = false;
  const arrived = once(source.socket, 'message');
  client.sendChannel(0x4000, Buffer.from('here I am'));
  const [, info] = await arrived;
  client.stream?.pause();

  const packet = Buffer.alloc(1200);
  let sent = 0;
  const dropped = async () => (await slow.turn.stats()).congested;
  while ((await dropped()) < 1000) {
    for (let index = 0; index < 200; index += 1) {
      sent += 1;
      packet.writeUInt32BE(sent);
      source.socket.send(Buffer.from(packet), info.port, info.address);
    }
  }
  let last = 0;
  client.events.on('data', ({ data }) => {
    const number = data.readUInt32BE(0);
    expect(number).toBeGreaterThan(last);
    last = number;
  });
  client.stream?.resume();
  // What was kept is the newest: a packet that arrived after the first ones were dropped.
  await until(async () => last > sent / 2);
});
