import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRegistry, Health, type HttpLimits, silentLogger } from '@bedside/kit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEdge, type Edge, type EdgeOptions } from '../up/edge.ts';
import { rawExchange } from './support/http.ts';

let dir: string;
const edges: Edge[] = [];

const start = async (limits: Partial<HttpLimits>, changes: Partial<EdgeOptions> = {}): Promise<Edge> => {
  const edge = await createEdge({
    host: '127.0.0.1',
    port: 0,
    publicUrl: 'https://visits.example.org',
    core: { handle: (req, res) => void req.resume().once('end', () => res.end('answered')) },
    signaling: { handleUpgrade: (_req, socket) => socket.destroy() },
    staticDir: dir,
    registry: createRegistry(),
    health: new Health(),
    log: silentLogger,
    limits,
    ...changes,
  });
  edges.push(edge);
  return edge;
};

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bedside-limits-'));
  await writeFile(join(dir, 'index.html'), '<!doctype html><title>Bedside</title>');
});
afterEach(async () => {
  await Promise.all(edges.splice(0).map((edge) => edge.close()));
  await rm(dir, { recursive: true });
});

/** A refusal is a problem document with the headers of any other answer, and ends the connection. */
const expectProblem = (answer: string, status: number, code: string): void => {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  for (const header of [
    'content-type: application/problem+json',
    'cache-control: no-store',
    'x-content-type-options: nosniff',
    'strict-transport-security: max-age=31536000',
    'connection: close',
  ])
    expect(head.toLowerCase()).toContain(header);
  expect(JSON.parse(body)).toEqual({ type: `urn:bedside:problem:${code}`, status, code, title: expect.any(String) });
};

const request = (line: string, headers: readonly string[] = []) =>
  `${[line, 'Host: x', ...headers].join('\r\n')}\r\n\r\n`;
const manyHeaders = (count: number) => Array.from({ length: count }, (_, index) => `X-${index}: 1`);

describe('a request of no honest size', () => {
  test.each([
    ['a longer path than any', 414, 'uri_too_long', request(`GET /${'p'.repeat(2_048)} HTTP/1.1`)],
    ['a longer query than any', 414, 'uri_too_long', request(`GET /api/v1/slots?${'q'.repeat(6_145)} HTTP/1.1`)],
    ['more headers than any', 431, 'headers_too_large', request('GET /api/v1/me HTTP/1.1', manyHeaders(100))],
    ['more headers than are counted', 431, 'headers_too_large', request('GET / HTTP/1.1', manyHeaders(400))],
    ['larger headers than any', 431, 'headers_too_large', request('GET / HTTP/1.1', [`X: ${'a'.repeat(20_000)}`])],
    ['no HTTP', 400, 'bad_request', 'HELO clinic\r\n\r\n'],
    ['two lengths', 400, 'bad_request', request('POST /api HTTP/1.1', ['Content-Length: 1', 'Content-Length: 2'])],
    [
      'a length and chunks',
      400,
      'bad_request',
      request('POST /api HTTP/1.1', ['Content-Length: 1', 'Transfer-Encoding: chunked']),
    ],
    ['a line within a header', 400, 'bad_request', request('GET / HTTP/1.1', ['X: a\rInjected: b'])],
    ['no host', 400, 'bad_request', 'GET / HTTP/1.1\r\n\r\n'],
  ])('%s is answered %d %s', async (_what, status, code, bytes) => {
    const edge = await start({});
    expectProblem(await rawExchange(edge.port, bytes), status, code);
  });

  test('the largest honest one is answered', async () => {
    const edge = await start({});
    const largest = request(`GET /api?${'q'.repeat(6_144)} HTTP/1.1`, [...manyHeaders(98), 'Connection: close']);
    expect(await rawExchange(edge.port, largest)).toMatch(/^HTTP\/1.1 200/);
  });
});

describe('a slow client', () => {
  test('that never ends its headers is answered 408', async () => {
    const edge = await start({ headersTimeoutMs: 200 });
    expectProblem(await rawExchange(edge.port, 'GET / HTTP/1.1\r\nHost: x\r\n'), 408, 'request_timeout');
  });

  test('that never ends its body is answered 408', async () => {
    const edge = await start({ requestTimeoutMs: 300, headersTimeoutMs: 200 });
    const bytes = `${request('POST /api/v1/holds HTTP/1.1', ['Content-Length: 100'])}{`;
    expectProblem(await rawExchange(edge.port, bytes), 408, 'request_timeout');
  });

  /** Asks for more than kernel and Node buffer together, and reads nothing of it unless told. */
  const askForMuch = async (edge: Edge): Promise<Socket> => {
    const socket = connect(edge.port, '127.0.0.1').pause();
    await once(socket, 'connect');
    socket.write(request('GET /api/v1/much HTTP/1.1'));
    return socket;
  };
  const much = (onClose: () => void) => ({
    handle: (_req: IncomingMessage, res: ServerResponse) => {
      res.once('close', onClose);
      res.end(Buffer.alloc(64 * 1024 * 1024));
    },
  });

  test('that takes nothing of its answer is cut off', async () => {
    const gone = Promise.withResolvers<void>();
    const registry = createRegistry();
    const edge = await start({ stalledMs: 300 }, { core: much(gone.resolve), registry });
    const socket = await askForMuch(edge);
    await gone.promise;
    socket.destroy();
    expect(await registry.metrics()).toContain('bedside_edge_refused_total{reason="slow"} 1');
  });

  test('that takes its answer by drops is cut off too', async () => {
    const gone = Promise.withResolvers<void>();
    const edge = await start({ stalledMs: 60_000, answerTimeoutMs: 400 }, { core: much(gone.resolve) });
    const socket = await askForMuch(edge);
    const sipping = setInterval(() => socket.read(1_024), 50);
    await gone.promise;
    clearInterval(sipping);
    socket.destroy();
  });

  test('an event stream is no answer that could be late', async () => {
    const edge = await start(
      { answerTimeoutMs: 100 },
      {
        core: {
          handle: (_req, res) => {
            res.writeHead(200, { 'content-type': 'text/event-stream' });
            res.write(': opened\n\n');
            setTimeout(() => res.end('data: later\n\n'), 400);
          },
        },
      },
    );
    expect(await (await fetch(`http://127.0.0.1:${edge.port}/api/v1/day/events`)).text()).toContain('later');
  });
});

describe('many connections', () => {
  const open = async (edge: Edge): Promise<Socket> => {
    const socket = connect(edge.port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  };

  test('of one address are answered 429 beyond the limit, and one that ends makes room', async () => {
    const edge = await start({ maxConnectionsPerAddress: 2 });
    const [first, second] = [await open(edge), await open(edge)];
    expectProblem(await rawExchange(edge.port, ''), 429, 'rate_limited');
    first.destroy();
    const third = async (): Promise<string> => {
      const answer = await rawExchange(edge.port, request('GET /healthz HTTP/1.1', ['Connection: close']));
      return answer.startsWith('HTTP/1.1 429') ? third() : answer;
    };
    expect(await third()).toMatch(/^HTTP\/1.1 200/);
    second.destroy();
  });

  test('of a proxy are not counted', async () => {
    const edge = await start({ maxConnectionsPerAddress: 1 }, { trustedProxies: ['127.0.0.0/8'] });
    const first = await open(edge);
    expect(await rawExchange(edge.port, request('GET /healthz HTTP/1.1', ['Connection: close']))).toMatch(
      /^HTTP\/1.1 200/,
    );
    first.destroy();
  });
});

test('an upgrade that nobody takes is refused with a problem', async () => {
  const edge = await start({});
  const upgrade = request('GET /other HTTP/1.1', ['Connection: Upgrade', 'Upgrade: websocket']);
  expectProblem(await rawExchange(edge.port, upgrade), 404, 'not_found');
});
