import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { TlsFilesWatch } from '@bedside/kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listenShared, type SharedPortHandlers } from '../src/net/shared-port.ts';
import { testCertificate } from './support/certificate.ts';
import { closed } from './support/closed.ts';
import { MIXED_KINDS, openMixed, servedBy, servedIfRight } from './support/mixed-connections.ts';
import { runVisit } from './support/running-visit.ts';
import { type SharedPortSite, startSharedPortSite } from './support/shared-port-site.ts';

let site: SharedPortSite;

beforeAll(async () => {
  site = await startSharedPortSite();
}, 30_000);
afterAll(() => site[Symbol.asyncDispose]());

it('HTTPS reaches the HTTP server, with the client’s own address', async () => {
  const { body, from } = await site.get('/hello');
  expect(body).toBe(`/hello for ${from}`);
});

it('a WebSocket stays open both ways', async () => {
  const webSocket = await site.openWebSocket();
  for (const text of ['hello', 'x'.repeat(70_000)]) {
    webSocket.send(text);
    const [echo] = await once(webSocket, 'message');
    expect(String(echo)).toBe(text);
  }
  webSocket.terminate();
});

it('TURN is relayed on the same port, whatever ALPN the client offers or does not', async () => {
  using client = await site.openTurn();
  expect(await client.allocate()).toBe(0);
  expect(await client.bind(0x4000, site.peer.address)).toBe(0);
  const received = client.nextData();
  client.sendChannel(0x4000, Buffer.from('media'));
  expect((await received).toString()).toBe('media');
  const socket = await site.openTls({ ALPNProtocols: ['stun.turn'] });
  expect(socket.alpnProtocol).toBe('stun.turn');
  socket.destroy();
});

it.each([
  ['TLS within TLS', Buffer.from([0x16, 3, 1])],
  ['SSH', Buffer.from('ssh-2.0')],
  ['ChannelData before anything else', Buffer.from([0x40, 0, 0, 0])],
  ['a byte of zeros and ones', Buffer.from([0xff])],
])('%s is closed at once', async (_what, bytes) => {
  const socket = await site.openTls();
  const ended = closed(socket);
  socket.write(bytes);
  await ended;
});

it('SHARE1: many connections of every kind at once are each served by their own', { timeout: 60_000 }, async () => {
  const ofEachKind = 20;
  const visit = await runVisit(await site.openTurn('visit'), site.peer);
  const before = await servedBy(site);
  const results = await openMixed(site, ofEachKind);
  expect(results.flatMap(({ kind, failures }) => failures.map((failure) => `${kind}: ${failure}`))).toEqual([]);
  expect(results.map(({ right }) => right)).toEqual(MIXED_KINDS.map(() => ofEachKind));
  expect(await servedBy(site)).toEqual(servedIfRight(before, ofEachKind));
  const { sent, lost } = await visit.end();
  expect(sent).toBeGreaterThan(0);
  expect(lost).toBe(0);
});

it('BOUND2: who says nothing is closed, half-open and idle alike, and nobody else', async () => {
  const seen: string[] = [];
  const handlers: SharedPortHandlers = { onTurn: () => {}, onHttp: () => {}, onRefused: (why) => seen.push(why) };
  const listener = await listenShared(
    {
      ip: '127.0.0.1',
      port: 0,
      reusePort: false,
      material: site.certificate,
      now: Date.now,
      handshakeMs: 3_000,
      firstByteMs: 3_000,
    },
    handlers,
  );
  const halfOpen = connect(listener.port, '127.0.0.1').on('error', () => {});
  const slow = connect(listener.port, '127.0.0.1').on('error', () => {});
  // The start of a ClientHello that never goes on.
  slow.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]));
  const idle = connectTls({
    host: '127.0.0.1',
    port: listener.port,
    ca: site.certificate.cert,
    servername: 'localhost',
  }).on('error', () => {});
  const talking = connectTls({
    host: '127.0.0.1',
    port: listener.port,
    ca: site.certificate.cert,
    servername: 'localhost',
  }).on('error', () => {});
  talking.write('GET');
  await Promise.all([closed(halfOpen), closed(slow), closed(idle)]);
  expect(seen).toEqual(['silent']);
  expect(talking.destroyed).toBe(false);
  talking.destroy();
  listener.close();
});

it('a new certificate is used for new connections and drops nobody', async () => {
  using client = await site.openTurn();
  await client.allocate();
  await client.bind(0x4000, site.peer.address);
  using next = testCertificate('renewed');
  let refused = 0;
  const changed = Promise.withResolvers<void>();
  const watch = new TlsFilesWatch({
    files: site.certificate,
    onChange: () => changed.resolve(),
    onRefused: () => {
      refused += 1;
    },
  });
  await watch.check();
  writeFileSync(site.certificate.certFile, next.cert);
  await watch.check();
  // Half of a pair is refused and the old one goes on.
  expect(refused).toBe(1);
  writeFileSync(site.certificate.keyFile, next.key);
  await watch.check();
  await changed.promise;
  watch.close();

  const received = client.nextData();
  client.sendChannel(0x4000, Buffer.from('still here'));
  expect((await received).toString()).toBe('still here');
});
