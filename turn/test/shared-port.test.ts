import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect, type Server as NetServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CertificateWatch } from '../src/certificate.ts';
import { createHandoffServer } from '../src/net/http-handoff.ts';
import { listenShared, type SharedPortHandlers } from '../src/net/shared-port.ts';
import { type TestCertificate, testCertificate } from './support/certificate.ts';
import { closed } from './support/closed.ts';
import { Peer } from './support/peer.ts';
import { TurnClient } from './support/turn-client.ts';
import { startTestServer, TEST_SECRET, type TestServer, usernameFor } from './support/turn-server.ts';

let certificate: TestCertificate;
let peer: Peer;
let http: Server;
let handoff: NetServer;
let server: TestServer;
let port: number;

beforeAll(async () => {
  certificate = testCertificate();
  peer = await Peer.open();
  http = createServer((request, response) =>
    response.end(`${request.url} for ${request.socket.remoteAddress}:${request.socket.remotePort}`),
  );
  http.on('upgrade', (_request, socket: Socket, head) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n');
    socket.write(head);
    socket.pipe(socket);
  });
  handoff = createHandoffServer(http);
  const httpUpstreamPath = join(dirname(certificate.certFile), 'http.sock');
  handoff.listen(httpUpstreamPath);
  await once(handoff, 'listening');
  server = await startTestServer({ peers: [peer.rule], kinds: ['shared'], tls: certificate, httpUpstreamPath });
  port = server.port('shared');
}, 30_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  handoff.close();
  http.closeAllConnections();
  await peer[Symbol.asyncDispose]();
  certificate[Symbol.dispose]();
});

const get = async (path: string): Promise<string> => {
  const request = httpsRequest({
    host: '127.0.0.1',
    port,
    path,
    ca: certificate.cert,
    servername: 'localhost',
    agent: false,
  }).end();
  const [response] = await once(request, 'response');
  let body = '';
  for await (const chunk of response) body += chunk;
  return body;
};
const openTls = async (options: { ALPNProtocols?: string[] } = {}): Promise<TLSSocket> => {
  const socket = connectTls({ host: '127.0.0.1', port, ca: certificate.cert, servername: 'localhost', ...options });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  return socket;
};
const openTurn = () =>
  TurnClient.open({
    transport: 'tls',
    port,
    username: usernameFor('grant'),
    secret: TEST_SECRET,
    ca: certificate.cert,
  });

it('HTTPS reaches the HTTP server, with the client’s own address', async () => {
  expect(await get('/hello')).toMatch(/^\/hello for 127\.0\.0\.1:\d+$/);
});

it('an upgraded connection stays open both ways', async () => {
  const socket = await openTls({ ALPNProtocols: ['http/1.1'] });
  socket.write('GET /signal HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
  const [head] = await once(socket, 'data');
  expect(String(head)).toContain('101 Switching Protocols');
  socket.write('hello');
  const [echo] = await once(socket, 'data');
  expect(String(echo)).toBe('hello');
  socket.destroy();
});

it('TURN is relayed on the same port, whatever ALPN the client offers or does not', async () => {
  using client = await openTurn();
  expect(await client.allocate()).toBe(0);
  expect(await client.bind(0x4000, peer.address)).toBe(0);
  const received = client.nextData();
  client.sendChannel(0x4000, Buffer.from('media'));
  expect((await received).toString()).toBe('media');
  const socket = await openTls({ ALPNProtocols: ['stun.turn'] });
  expect(socket.alpnProtocol).toBe('stun.turn');
  socket.destroy();
});

it.each([
  ['TLS within TLS', Buffer.from([0x16, 3, 1])],
  ['SSH', Buffer.from('ssh-2.0')],
  ['ChannelData before anything else', Buffer.from([0x40, 0, 0, 0])],
  ['a byte of zeros and ones', Buffer.from([0xff])],
])('%s is closed at once', async (_what, bytes) => {
  const socket = await openTls();
  const ended = closed(socket);
  socket.write(bytes);
  await ended;
});

it('many connections of every kind at once are each served by their own', { timeout: 60_000 }, async () => {
  using running = await openTurn();
  await running.allocate();
  await running.bind(0x4000, peer.address);
  const silent = await Promise.all(Array.from({ length: 40 }, () => openTls()));
  const raw = Array.from({ length: 40 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  const garbage = Array.from({ length: 40 }, () => {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    socket.write('this is no TLS at all, and long enough to be told so');
    return closed(socket);
  });
  const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => get(`/${index}`)));
  expect(answers.map((answer) => answer.split(' ')[0])).toEqual(Array.from({ length: 40 }, (_, index) => `/${index}`));
  const received = running.nextData();
  running.sendChannel(0x4000, Buffer.from('undisturbed'));
  expect((await received).toString()).toBe('undisturbed');
  await Promise.all(garbage);
  for (const socket of [...silent, ...raw]) socket.destroy();
});

it('who says nothing is closed, half-open and idle alike, and nobody else', async () => {
  const seen: string[] = [];
  const handlers: SharedPortHandlers = { onTurn: () => {}, onHttp: () => {}, onRefused: (why) => seen.push(why) };
  const listener = await listenShared(
    {
      ip: '127.0.0.1',
      port: 0,
      reusePort: false,
      material: certificate,
      now: Date.now,
      handshakeMs: 150,
      firstByteMs: 150,
    },
    handlers,
  );
  const halfOpen = connect(listener.port, '127.0.0.1').on('error', () => {});
  const slow = connect(listener.port, '127.0.0.1').on('error', () => {});
  // The start of a ClientHello that never goes on.
  slow.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]));
  const idle = connectTls({ host: '127.0.0.1', port: listener.port, ca: certificate.cert, servername: 'localhost' }).on(
    'error',
    () => {},
  );
  const talking = connectTls({
    host: '127.0.0.1',
    port: listener.port,
    ca: certificate.cert,
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
  using client = await openTurn();
  await client.allocate();
  await client.bind(0x4000, peer.address);
  using next = testCertificate('renewed');
  let refused = 0;
  const changed = Promise.withResolvers<void>();
  const watch = new CertificateWatch({
    files: certificate,
    onChange: () => changed.resolve(),
    onRefused: () => {
      refused += 1;
    },
  });
  await watch.check();
  writeFileSync(certificate.certFile, next.cert);
  await watch.check();
  // Half of a pair is refused and the old one goes on.
  expect(refused).toBe(1);
  writeFileSync(certificate.keyFile, next.key);
  await watch.check();
  await changed.promise;
  watch.close();

  const received = client.nextData();
  client.sendChannel(0x4000, Buffer.from('still here'));
  expect((await received).toString()).toBe('still here');
});
