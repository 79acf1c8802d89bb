import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createRegistry, Health, silentLogger } from '@bedside/kit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEdge, type Edge, type EdgeOptions } from '../up/edge.ts';
import { precompress } from '../up/precompress.ts';
import { rawExchange } from './support/http.ts';

const saying = (part: string) => ({
  handle: (req: IncomingMessage, res: ServerResponse) => {
    res.end(`${part} ${req.url}`);
  },
});

let outside: string;
let dir: string;
let health: Health;
let edges: Edge[];

const start = async (changes: Partial<EdgeOptions> = {}, { demo } = { demo: true }): Promise<Edge> => {
  const edge = await createEdge({
    host: '127.0.0.1',
    port: 0,
    publicUrl: 'http://localhost:8080',
    core: saying('core'),
    ...(demo ? { demoIssuer: saying('issuer') } : {}),
    signaling: { handleUpgrade: (_req, socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\nsignaling') },
    staticDir: dir,
    registry: createRegistry(),
    health,
    log: silentLogger,
    ...changes,
  });
  edges.push(edge);
  return edge;
};

const get = (edge: Edge, path: string, init?: RequestInit) =>
  fetch(`http://127.0.0.1:${edge.port}${path}`, { redirect: 'manual', ...init });
const page = { headers: { accept: 'text/html,application/xhtml+xml' } };

beforeEach(async () => {
  edges = [];
  health = new Health();
  outside = await mkdtemp(join(tmpdir(), 'bedside-edge-'));
  await writeFile(join(outside, 'secret'), 'not for browsers');
  dir = join(outside, 'dist');
  await mkdir(join(dir, 'assets'), { recursive: true });
  await writeFile(join(dir, 'index.html'), `<!doctype html><title>Bedside</title>${'<p>page</p>'.repeat(200)}`);
  await writeFile(join(dir, 'assets', 'app-3fa9.js'), `export const app = "${'bedside '.repeat(400)}";`);
});
afterEach(async () => {
  await Promise.all(edges.map((edge) => edge.close()));
  await rm(outside, { recursive: true });
});

describe('routes', () => {
  test.each([
    ['/api/v1/me', 'core /api/v1/me'],
    ['/auth/callback?code=1', 'core /auth/callback?code=1'],
    ['/.well-known/jwks.json', 'core /.well-known/jwks.json'],
    ['/demo-issuer/auth', 'issuer /demo-issuer/auth'],
  ])('%s goes to its part', async (path, body) => {
    expect(await (await get(await start(), path)).text()).toBe(body);
  });

  test('a path that only begins like a part is a page', async () => {
    const edge = await start();
    expect(await (await get(edge, '/apiary', page)).text()).toContain('<title>Bedside');
    expect((await get(edge, '/apiary')).status).toBe(404);
  });

  test('without demo mode there is no demo issuer', async () => {
    const edge = await start({}, { demo: false });
    expect((await get(edge, '/demo-issuer/.well-known/openid-configuration')).status).toBe(404);
  });

  test('a part that throws gives 500, and the next request is served', async () => {
    const edge = await start({
      core: {
        handle: () => {
          throw new Error('of the part');
        },
      },
    });
    const answer = await get(edge, '/api/x');
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('of the part');
    expect((await get(edge, '/healthz')).status).toBe(200);
  });

  test('a request line that names another host gives 400', async () => {
    const edge = await start();
    expect(
      await rawExchange(edge.port, 'GET http://elsewhere/api HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
    ).toMatch(/^HTTP\/1.1 400/);
  });
});

describe('upgrades', () => {
  const upgrade = (path: string) =>
    `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`;

  test('/signal goes to signaling', async () => {
    expect(await rawExchange((await start()).port, upgrade('/signal'))).toMatch(/^HTTP\/1.1 101[\s\S]*signaling$/);
  });
  test.each(['/', '/api/v1/me', '/signal/x', '/signals'])('%s is refused and closed', async (path) => {
    expect(await rawExchange((await start()).port, upgrade(path))).toMatch(/^HTTP\/1.1 404/);
  });
  test('a plain request of /signal is told what it speaks', async () => {
    const answer = await get(await start(), '/signal');
    expect(answer.status).toBe(426);
    expect(answer.headers.get('upgrade')).toBe('websocket');
  });
});

describe('operations', () => {
  test('/healthz says that the process lives', async () => {
    const answer = await get(await start(), '/healthz');
    expect([answer.status, await answer.text(), answer.headers.get('cache-control')]).toEqual([
      200,
      'ok\n',
      'no-store',
    ]);
  });

  test('/readyz is 503 and names the part while one check fails', async () => {
    const edge = await start();
    let up = false;
    health.add('postgres', () => up);
    const before = await get(edge, '/readyz');
    expect([before.status, await before.json()]).toEqual([503, { ready: false, checks: { postgres: 'failed' } }]);
    up = true;
    expect((await get(edge, '/readyz')).status).toBe(200);
  });

  test('/metrics answers on this machine, and counts answers without their paths', async () => {
    const edge = await start();
    await (await get(edge, '/api/v1/encounters/secret')).text();
    const text = await (await get(edge, '/metrics')).text();
    expect(text).toContain('bedside_edge_answers_total{part="core",status="2xx"} 1');
    expect(text).not.toContain('secret');
  });

  test('/metrics is not there for a caller whom a proxy brings', async () => {
    const forwarded = { headers: { 'x-forwarded-for': '203.0.113.9' } };
    expect((await get(await start(), '/metrics', forwarded)).status).toBe(404);
  });
});

describe('pages', () => {
  test('any path of the app gives the app, never cached unasked', async () => {
    const edge = await start();
    for (const path of ['/', '/visits/7b0c?x=1', '/day']) {
      const answer = await get(edge, path, page);
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-cache']);
      expect(await answer.text()).toContain('<title>Bedside');
    }
  });

  test('a known version is not sent again', async () => {
    const edge = await start();
    const first = await get(edge, '/', page);
    const again = await get(edge, '/', {
      headers: { ...page.headers, 'if-none-match': first.headers.get('etag') ?? '' },
    });
    expect(again.status).toBe(304);
    // A browser takes the headers of what it keeps from there.
    expect(again.headers.get('content-security-policy')).toBe(first.headers.get('content-security-policy'));
  });

  test('hashed files are kept for ever; a missing one is 404 even to a navigation', async () => {
    const edge = await start();
    expect((await get(edge, '/assets/app-3fa9.js')).headers.get('cache-control')).toContain('immutable');
    expect((await get(edge, '/assets/app-old.js', page)).status).toBe(404);
  });

  test('files leave compressed as the browser can take them', async () => {
    expect(await precompress(dir)).toBe(4);
    expect(await precompress(dir)).toBe(0);
    const edge = await start();
    const encoding = async (accept: string) =>
      (await get(edge, '/assets/app-3fa9.js', { headers: { 'accept-encoding': accept } })).headers.get(
        'content-encoding',
      );
    expect([await encoding('gzip, deflate, br'), await encoding('gzip'), await encoding('identity')]).toEqual([
      'br',
      'gzip',
      null,
    ]);
    const app = await get(edge, '/day', page);
    expect([app.headers.get('content-encoding'), app.headers.get('vary')]).toEqual(['gzip', 'Accept-Encoding']);
    expect(await app.text()).toContain('<title>Bedside');
  });

  test.each(['/../secret', '/%2e%2e/secret', '/assets/..%2f..%2fsecret', '/%', '//etc/passwd'])(
    '%s leads out of nothing',
    async (path) => {
      const answer = await rawExchange(
        (await start()).port,
        `GET ${path} HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1.1 (200|404)/);
      expect(answer).not.toMatch(/not for browsers|root:/);
    },
  );

  test('only GET and HEAD', async () => {
    const answer = await get(await start(), '/', { method: 'POST' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test('pages that were not built are said to be missing', async () => {
    await expect(start({ staticDir: join(dir, 'assets') })).rejects.toThrow(/no built pages/);
  });
});

describe('headers', () => {
  test('pages may load only their own, speak only with their own site, and be framed by nobody', async () => {
    const { headers } = await get(await start(), '/', page);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("connect-src 'self' ws://localhost:8080");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers.get('permissions-policy')).toContain('camera=(self)');
    expect(headers.get('permissions-policy')).toContain('geolocation=()');
    expect(headers.get('strict-transport-security')).toBeNull();
    expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
  });

  test('pages are framed by the organization’s own, where it says so, and speak wss with an https site', async () => {
    const edge = await start({ publicUrl: 'https://visits.example.org', embedders: ['https://portal.example.org'] });
    const policy = (await get(edge, '/', page)).headers.get('content-security-policy') ?? '';
    expect(policy).toContain('frame-ancestors https://portal.example.org;');
    expect(policy).toContain("connect-src 'self' wss://visits.example.org;");
    const api = (await get(edge, '/api/v1/me')).headers.get('content-security-policy');
    expect(api).toContain("frame-ancestors 'none'");
  });

  test.each(['/', '/api/v1/me', '/healthz', '/demo-issuer/x', '/nothing.js'])(
    '%s carries the common ones',
    async (path) => {
      const { headers } = await get(await start({ publicUrl: 'https://visits.example.org' }), path, page);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(headers.get('strict-transport-security')).toMatch(/^max-age=\d{8}/);
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      if (path !== '/') expect(headers.get('cache-control')).toBe('no-store');
    },
  );
});

describe('limits', () => {
  test('connections beyond the limit are dropped', async () => {
    const edge = await start({ limits: { maxConnections: 1 } });
    const first = connect(edge.port, '127.0.0.1');
    await once(first, 'connect');
    expect(await rawExchange(edge.port, '')).toBe('');
    first.destroy();
  });

  test('a port in use is a sentence that names the way out', async () => {
    const edge = await start();
    await expect(start({ port: edge.port })).rejects.toThrow(
      new RegExp(`Port ${edge.port} on 127.0.0.1 is already in use.*BEDSIDE_PORT=${edge.port + 1} npm start`),
    );
  });

  test('an address of another machine is a sentence that names BEDSIDE_HOST', async () => {
    await expect(start({ host: '203.0.113.7' })).rejects.toThrow(/no address 203.0.113.7. Set BEDSIDE_HOST/);
  });

  test('closing ends what is idle or half sent, and leaves to signaling what it has taken', async () => {
    const taken = Promise.withResolvers<Duplex>();
    const edge = await start({ signaling: { handleUpgrade: (_req, socket) => taken.resolve(socket) } });
    const halfSent = rawExchange(edge.port, 'GET / HTTP/1.1\r\n');
    const upgraded = rawExchange(
      edge.port,
      'GET /signal HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    const socket = await taken.promise;
    await Promise.all([edge.close(), edge.close(), halfSent]);
    await expect(get(edge, '/healthz')).rejects.toThrow();
    socket.end('goodbye');
    expect(await upgraded).toBe('goodbye');
  });
});
