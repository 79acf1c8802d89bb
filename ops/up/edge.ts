import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Health, Logger, Registry, Service } from '@bedside/kit';
import { createHandoffServer } from '@bedside/turn';
import { answerMetrics, answerReadiness, answerText } from './edge-answers.ts';
import { createEdgeEvents, type EdgePart } from './edge-events.ts';
import { listenOn } from './listen.ts';
import { commonHeaders, pageHeaders } from './security-headers.ts';
import { createStaticFiles } from './static-files.ts';

export interface RequestHandler {
  handle(req: IncomingMessage, res: ServerResponse): void;
}

export interface EdgeOptions {
  /** Address to listen on. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /**
   * UNIX socket of the relay's shared port: connections come there with TLS taken off and their client's address in
   * front, and `host` and `port` are the relay's to listen on.
   */
  readonly handoffPath?: string | undefined;
  /** The origin that browsers see, for example `https://visits.example.org`; decides HSTS and the WebSocket origin of the CSP. */
  readonly publicUrl: string;
  /** Answers `/api`, `/auth` and `/.well-known`. */
  readonly core: RequestHandler;
  /** Takes WebSocket upgrades of `/signal`. */
  readonly signaling: { handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void };
  /** Answers `/demo-issuer`, in demo mode only. */
  readonly demoIssuer?: RequestHandler;
  /** Folder of the built pages. What is in it when the edge starts is what is served. */
  readonly staticDir: string;
  readonly registry: Registry;
  readonly health: Health;
  readonly log: Logger;
  /** `loopback` (default): `/metrics` answers only a caller on this machine that no proxy stands in front of. */
  readonly metricsFor?: 'loopback' | 'everybody';
  /** What differs from `EDGE_LIMITS`. */
  readonly limits?: Partial<EdgeLimits>;
}

export interface EdgeLimits {
  /** A client that has not sent its headers, or its whole request, by then is cut off. */
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** Beyond that a request is answered 431. */
  readonly maxHeaderBytes: number;
  /** Open connections beyond which new ones are dropped. */
  readonly maxConnections: number;
}

export const EDGE_LIMITS: EdgeLimits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 20_000,
  maxHeaderBytes: 16 * 1024,
  maxConnections: 10_000,
};

export interface Edge extends Service {
  /** The port in use. */
  readonly port: number;
}

/** How long answers that have begun may take to end after `close()`. */
const CLOSE_GRACE_MS = 1_000;

const CORE_PREFIXES = ['/api', '/auth', '/.well-known'];
const isBelow = (path: string, prefix: string): boolean => path === prefix || path.startsWith(`${prefix}/`);
const pathOf = (req: IncomingMessage): string => (req.url ?? '/').split(/[?#]/, 1)[0] ?? '/';

/**
 * The one HTTP server that browsers talk to: hands each path to the part that answers it and puts the security headers
 * on everything. Rejects with a sentence for the operator when it cannot listen.
 */
export const createEdge = async (options: EdgeOptions): Promise<Edge> => {
  const { core, demoIssuer, log } = options;
  const limits = { ...EDGE_LIMITS, ...options.limits };
  const events = createEdgeEvents({ log, registry: options.registry });
  const site = new URL(options.publicUrl);
  const common = commonHeaders(site);
  const files = createStaticFiles({ dir: options.staticDir, headers: pageHeaders(site) });

  const route = (req: IncomingMessage, res: ServerResponse): EdgePart => {
    const path = pathOf(req);
    if (CORE_PREFIXES.some((prefix) => isBelow(path, prefix))) {
      core.handle(req, res);
      return 'core';
    }
    if (demoIssuer !== undefined && isBelow(path, '/demo-issuer')) {
      demoIssuer.handle(req, res);
      return 'demo-issuer';
    }
    if (path === '/healthz') answerText(res, 200, 'ok');
    else if (path === '/readyz') void answerReadiness(res, options.health).catch(() => res.destroy());
    else if (path === '/metrics') void answerMetrics(req, res, options).catch(() => res.destroy());
    else if (path === '/signal') {
      answerText(res, 426, 'This address speaks WebSocket only.', { upgrade: 'websocket', connection: 'upgrade' });
    } else {
      files(req, res);
      return 'pages';
    }
    return 'operations';
  };

  const server = createServer({
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.min(2_000, limits.headersTimeoutMs),
    maxHeaderSize: limits.maxHeaderBytes,
  });
  server.maxConnections = limits.maxConnections;

  // What the HTTP server still has to answer. A socket that was upgraded belongs to signaling, which ends it with a
  // reason of its own when it closes.
  const sockets = new Set<Duplex>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('drop', () => events.connectionDropped());

  server.on('request', (req, res) => {
    res.setHeaders(common);
    let part: EdgePart = 'operations';
    res.once('close', () => events.answered({ part, status: res.statusCode }));
    try {
      if (!req.url?.startsWith('/')) answerText(res, 400, 'The request names no path.');
      else part = route(req, res);
    } catch (error) {
      events.handlerFailed(error);
      if (res.headersSent) res.destroy();
      else answerText(res, 500, 'Something went wrong.');
    }
  });

  server.on('upgrade', (req, socket, head) => {
    // Until the handler has taken it, a socket that breaks must not take the process along.
    socket.on('error', () => socket.destroy());
    if (pathOf(req) === '/signal') {
      sockets.delete(socket);
      options.signaling.handleUpgrade(req, socket, head);
    } else
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () => socket.destroy());
  });

  const handoff = options.handoffPath === undefined ? undefined : createHandoffServer(server);
  if (handoff !== undefined && options.handoffPath !== undefined) {
    handoff.maxConnections = limits.maxConnections;
    handoff.on('drop', () => events.connectionDropped());
    handoff.listen(options.handoffPath);
    await once(handoff, 'listening');
    // From here Node watches over the times of headers and requests; a server that is only given connections has to be told.
    server.emit('listening');
  } else await listenOn(server, options);
  const port = handoff === undefined ? (server.address() as AddressInfo).port : options.port;
  events.listening(port);

  const closeSockets = async (): Promise<void> => {
    handoff?.close();
    server.close();
    server.closeIdleConnections();
    const cutOff = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, CLOSE_GRACE_MS);
    await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    clearTimeout(cutOff);
  };
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= closeSockets();
    return closing;
  };
  return { port, close, [Symbol.asyncDispose]: close };
};
