import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions as TlsOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { addressKey } from './address-key.ts';
import { faultOf, faultOfClientError, type HttpFault, type HttpLimits } from './http-limits.ts';
import { endWithAnswer, type RawAnswer } from './raw-answer.ts';

export interface HttpServerOptions {
  readonly limits: HttpLimits;
  /** Gets every request that is of an honest size. */
  readonly handle: RequestListener;
  /** What a fault is answered with; also where no response object stands for it. */
  readonly answerTo: (fault: HttpFault) => RawAnswer;
  /** Somebody was refused or cut off: `slow` took no answer. */
  readonly onRefused: (why: HttpFault | 'slow') => void;
  /** Addresses that stand for many people, whose connections are not counted: proxies. */
  readonly isProxy?: (address: string | undefined) => boolean;
  /** HTTPS; absent: HTTP. */
  readonly tls?: TlsOptions;
}

const isEventStream = (response: ServerResponse): boolean =>
  String(response.getHeader('content-type') ?? '').startsWith('text/event-stream');

const answerWith = (response: ServerResponse, { status, headers, type, body }: RawAnswer): void => {
  response.setHeaders(new Map(headers));
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  });
  response.end(body);
};

/**
 * An HTTP server that outlives its clients: who is slow in asking or in taking the answer is cut off, who asks for too
 * much at once is answered with a problem, and one address cannot take all connections. It does not listen yet.
 */
export const createHttpServer = (options: HttpServerOptions): Server => {
  const { limits, answerTo, onRefused } = options;
  const settings = {
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.min(2_000, limits.headersTimeoutMs, limits.requestTimeoutMs),
    maxHeaderSize: limits.maxHeaderBytes,
    // Node would answer without the headers that every other answer has.
    requireHostHeader: false,
  };
  const server: Server =
    options.tls === undefined ? createServer(settings) : createTlsServer({ ...settings, ...options.tls });
  server.maxConnections = limits.maxConnections;
  // One more than may be, so that the one too many is seen and not silently left out.
  server.maxHeadersCount = limits.maxHeaderCount + 1;
  server.maxRequestsPerSocket = limits.maxRequestsPerConnection;
  server.timeout = limits.stalledMs;

  /** The response under way on a connection. */
  const answering = new WeakMap<Duplex, ServerResponse>();
  const byAddress = new Map<string, number>();

  const count = (socket: Socket): boolean => {
    if (options.isProxy?.(socket.remoteAddress) === true) return true;
    const key = addressKey(socket.remoteAddress);
    const open = (byAddress.get(key) ?? 0) + 1;
    byAddress.set(key, open);
    socket.once('close', () => {
      const left = (byAddress.get(key) ?? 1) - 1;
      if (left > 0) byAddress.set(key, left);
      else byAddress.delete(key);
    });
    return open <= limits.maxConnectionsPerAddress;
  };

  const refuse = (socket: Duplex, fault: HttpFault): void => {
    onRefused(fault);
    endWithAnswer(socket, answerTo(fault));
  };

  server.on(options.tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    if (!count(socket)) refuse(socket, 'rate_limited');
  });
  server.on('timeout', (socket: Socket) => {
    if (answering.has(socket)) onRefused('slow');
    socket.destroy();
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const fault = faultOfClientError(error.code);
    const begun = answering.get(socket)?.headersSent === true;
    if (fault === undefined || begun || !socket.writable) socket.destroy();
    else refuse(socket, fault);
  });

  const watch = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request;
    answering.set(socket, response);
    const cutOff = setTimeout(() => {
      if (isEventStream(response)) return;
      onRefused('slow');
      socket.destroy();
    }, limits.answerTimeoutMs).unref();
    response.once('close', () => {
      clearTimeout(cutOff);
      if (answering.get(socket) === response) answering.delete(socket);
    });
  };

  server.on('request', (request, response) => {
    watch(request, response);
    const fault = faultOf(request, limits);
    if (fault === undefined) {
      options.handle(request, response);
      return;
    }
    onRefused(fault);
    answerWith(response, answerTo(fault));
  });
  return server;
};
