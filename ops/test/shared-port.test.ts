import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { createRegistry, Health, MemoryBus, silentLogger, systemClock } from '@bedside/kit';
import { makeTempDir } from '@bedside/kit/temp-dir';
import { busErrors } from '@bedside/protocol';
import { type TurnConfig, turnConfig } from '@bedside/turn';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEdge, type Edge } from '../up/edge.ts';
import { makeHandoffPath } from '../up/handoff-dir.ts';
import { startRelay } from '../up/relay.ts';
import { makeCertificate } from './support/certificate.ts';

/** The edge behind the relay's TLS port, as `npm start` puts them together where there is a certificate. */
describe('one port for the site and the relay', () => {
  const stack = new AsyncDisposableStack();
  let config: TurnConfig;
  let edge: Edge;
  let port: number;
  let ca: string;
  const deps = () => ({
    bus: new MemoryBus({ errors: busErrors, onHandlerError: () => undefined }),
    log: silentLogger,
    registry: createRegistry(),
    health: new Health(),
    clock: systemClock,
  });

  beforeAll(async () => {
    const dir = stack.use(await makeTempDir());
    const dist = join(dir.path, 'dist');
    await mkdir(dist);
    await writeFile(join(dist, 'index.html'), '<!doctype html><title>Bedside</title>');
    const { certFile, keyFile } = makeCertificate(dir.path);
    ca = await readFile(certFile, 'utf8');
    const handoff = await makeHandoffPath(dir.path);
    config = turnConfig({
      BEDSIDE_TURN_LISTEN: 'shared://127.0.0.1:0',
      BEDSIDE_TURN_SECRET: 'a secret for this test',
      BEDSIDE_TURN_TLS_CERT_FILE: certFile,
      BEDSIDE_TURN_TLS_KEY_FILE: keyFile,
      BEDSIDE_TURN_HTTP_UPSTREAM: handoff.path,
    });
    const relay = stack.use(await startRelay(config, deps()));
    port = relay.listening[0]?.port ?? 0;
    edge = stack.use(
      await createEdge({
        host: '127.0.0.1',
        port,
        handoffPath: handoff.path,
        publicUrl: `https://localhost:${port}`,
        core: { handle: (req, res) => void res.end(`${req.url} for ${req.socket.remoteAddress}`) },
        signaling: {
          handleUpgrade: (_req, socket) => {
            socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
            socket.pipe(socket);
          },
        },
        staticDir: dist,
        registry: createRegistry(),
        health: new Health(),
        log: silentLogger,
        limits: { headersTimeoutMs: 200, maxConnections: 50 },
      }),
    );
  });
  afterAll(() => stack.disposeAsync());

  const get = async (path: string) => {
    const [response] = await once(request({ host: 'localhost', port, path, ca, agent: false }).end(), 'response');
    let body = '';
    for await (const chunk of response) body += chunk;
    return { status: response.statusCode, headers: response.headers, body };
  };
  const exchange = async (bytes: string): Promise<string> => {
    const socket = connect({ host: 'localhost', port, ca, servername: 'localhost' });
    socket.write(bytes);
    let answer = '';
    for await (const chunk of socket.setEncoding('utf8')) answer += chunk;
    return answer;
  };

  test('pages, the API and operations come over HTTPS, with HSTS and the client’s own address', async () => {
    const page = await get('/');
    expect([page.status, page.headers['strict-transport-security']]).toEqual([
      200,
      'max-age=31536000; includeSubDomains',
    ]);
    expect((await get('/api/v1/me')).body).toMatch(/^\/api\/v1\/me for (::ffff:)?127\.0\.0\.1$/);
    expect((await get('/metrics')).status).toBe(200);
  });

  test('signaling’s upgrade passes, and carries words both ways, and is let go', async () => {
    const socket = connect({ host: 'localhost', port, ca, servername: 'localhost' });
    socket.write('GET /signal HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const [first] = await once(socket.setEncoding('utf8'), 'data');
    expect(first).toMatch(/^HTTP\/1.1 101/);
    socket.write('a frame');
    expect(await once(socket, 'data')).toEqual(['a frame']);
    socket.end();
    await once(socket, 'close');
  });

  test('a client that never ends its headers is cut off here too', async () => {
    expect(await exchange('GET / HTTP/1.1\r\nHost: x\r\n')).toMatch(/^HTTP\/1.1 408/);
  });

  test('a port in use is told with the variable that moves it', async () => {
    const [shared] = config.listen;
    const taken = { ...config, listen: [{ kind: 'shared' as const, ip: shared?.ip ?? '', port }] };
    await expect(startRelay(taken, deps())).rejects.toThrow(
      new RegExp(`Port ${port} on 127.0.0.1 is already in use.*BEDSIDE_PORT=${port + 1} npm start`),
    );
    const plain = { ...config, listen: [{ kind: 'tcp' as const, ip: '127.0.0.1', port }] };
    await expect(startRelay(plain, deps())).rejects.toThrow(/BEDSIDE_TURN_PORT=/);
  });

  test('a certificate that cannot be used is told by its file', async () => {
    const { certFile = '', keyFile = '' } = config.tls ?? {};
    const missing = { ...config, tls: { certFile: '/nowhere/cert.pem', keyFile } };
    await expect(startRelay(missing, deps())).rejects.toThrow(/^\/nowhere\/cert.pem cannot be read \(ENOENT\)/);
    const swapped = { ...config, tls: { certFile: keyFile, keyFile: certFile } };
    await expect(startRelay(swapped, deps())).rejects.toThrow(/do not fit together, or are not in PEM$/);
  });

  test('closing the edge ends what it has begun; the relay goes on', async () => {
    await edge.close();
    await expect(get('/healthz')).rejects.toThrow();
    expect(await exchange('neither')).toBe('');
  });
});
