import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  addressMatcher,
  commonHeaders,
  createHttpServer,
  endWithAnswer,
  type Health,
  HTTP_LIMITS,
  type HttpLimits,
  type Logger,
  type Registry,
  type Service,
} from '@bedside/kit';
import { createHandoffServer } from '@bedside/turn';
import { answerMetrics, answerReadiness, answerText, problemAnswer } from './edge-answers.ts';
import { createEdgeEvents, type EdgePart } from './edge-events.ts';
import { listenOn } from './listen.ts';
import { pageHeaders } from './security-headers.ts';
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
  /** Addresses and networks of proxies in front of it: each stands for many people. */
  readonly trustedProxies?: readonly string[];
  /** Origins whose pages may show ours in a frame. */
  readonly embedders?: readonly string[];
  /** What differs from `HTTP_LIMITS`. */
  readonly limits?: Partial<HttpLimits>;
}

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
  const limits = { ...HTTP_LIMITS, ...options.limits };
  const events = createEdgeEvents({ log, registry: options.registry });
  const site = new URL(options.publicUrl);
  const common = commonHeaders(site);
  const files = createStaticFiles({ dir: options.staticDir, headers: pageHeaders(site, options.embedders) });

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

  const handle = (req: IncomingMessage, res: ServerResponse): void => {
    let part: EdgePart = 'operations';
    res.once('close', () => events.answered({ part, status: res.statusCode }));
    res.setHeaders(new Map(common));
    try {
      if (!req.url?.startsWith('/')) answerText(res, 400, 'The request names no path.');
      else part = route(req, res);
    } catch (error) {
      events.handlerFailed(error);
      if (res.headersSent) res.destroy();
      else answerText(res, 500, 'Something went wrong.');
    }
  };
  const server = createHttpServer({
    limits,
    handle,
    answerTo: (fault) => problemAnswer(fault, common),
    onRefused: (why) => events.refused(why),
    isProxy: addressMatcher(options.trustedProxies ?? []),
  });

  // What the HTTP server still has to answer. A socket that was upgraded belongs to signaling, which ends it with a
  // reason of its own when it closes.
  const sockets = new Set<Duplex>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('drop', () => events.connectionDropped());

  server.on('upgrade', (req, socket, head) => {
    // Until the handler has taken it, a socket that breaks must not take the process along.
    socket.on('error', () => socket.destroy());
    if (pathOf(req) === '/signal') {
      sockets.delete(socket);
      options.signaling.handleUpgrade(req, socket, head);
    } else endWithAnswer(socket, problemAnswer('not_found', common));
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
