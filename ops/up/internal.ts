import type { Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import {
  commonHeaders,
  createHttpServer,
  type Health,
  HTTP_LIMITS,
  type InternalTls,
  type Registry,
  type Service,
} from '@bedside/kit';
import type { RequestHandler } from './edge.ts';
import { answerReadiness, answerRegistry, answerText, problemAnswer } from './edge-answers.ts';
import { listenOn } from './listen.ts';

export interface InternalOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Mutual TLS. Absent: plain HTTP, for callers on this machine alone. */
  readonly tls: InternalTls | undefined;
  readonly core: RequestHandler;
  readonly registry: Registry;
  readonly health: Health;
}

export interface Internal extends Service {
  /** The port in use. */
  readonly port: number;
}

const KEYS_PATH = '/.well-known/jwks.json';
/** Those who watch over Bedside and its own services: few, each with few connections. */
const LIMITS = { ...HTTP_LIMITS, maxConnections: 256, maxConnectionsPerAddress: 256 };

const isTlsServer = (server: Server): server is TlsServer => 'setSecureContext' in server;

/**
 * What machines of the organization ask of this one: metrics, health, the public keys of grants. Over mutual TLS nobody
 * is answered, or even spoken with, who shows no certificate of the organization's authority. Certificates that are
 * renewed are used for new connections; those there are go on.
 */
export const createInternal = async (options: InternalOptions): Promise<Internal> => {
  const { tls } = options;
  const common = commonHeaders(new URL(`${tls === undefined ? 'http' : 'https'}://localhost`));
  const server = createHttpServer({
    limits: LIMITS,
    answerTo: (fault) => problemAnswer(fault, common),
    onRefused: () => undefined,
    ...(tls === undefined ? {} : { tls: tls.serverOptions() }),
    handle: (req, res) => {
      res.setHeaders(new Map(common));
      switch (req.url?.split('?', 1)[0]) {
        case '/healthz':
          return answerText(res, 200, 'ok');
        case '/readyz':
          return void answerReadiness(res, options.health).catch(() => res.destroy());
        case '/metrics':
          return void answerRegistry(res, options.registry).catch(() => res.destroy());
        case KEYS_PATH:
          return options.core.handle(req, res);
        default:
          return answerText(res, 404, 'There is nothing here.');
      }
    },
  });
  tls?.onChange(() => {
    if (isTlsServer(server)) server.setSecureContext(tls.serverOptions());
  });
  await listenOn(server, options, 'BEDSIDE_INTERNAL_LISTEN');
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    return closing;
  };
  return { port: (server.address() as AddressInfo).port, close, [Symbol.asyncDispose]: close };
};
