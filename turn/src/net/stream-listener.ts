import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import type { Clock } from '@bedside/kit';
import { Deadlines } from './deadlines.ts';
import { Paced } from './paced.ts';

/** PEM texts. */
export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
}

export interface StreamListenerOptions {
  readonly ip: string;
  readonly port: number;
  readonly reusePort: boolean;
}

export interface StreamListener {
  readonly port: number;
  /** Stops listening. Connections handed over are their owner's; those that still shake hands are ended. */
  close(): void;
}

/** Handshakes under way; beyond it the oldest is ended. */
const MAX_HANDSHAKES = 4096;
/**
 * Handshake, first byte and allocation have ten seconds together: 3.5 here, 2 on a shared port, 4.2 until a stream
 * without an allocation is idle.
 */
const HANDSHAKE_MS = 3_500;

const TLS_POLICY = { minVersion: 'TLSv1.2', honorCipherOrder: true } as const;

/**
 * Handshakes begun in one turn of the loop. Each costs it about half a millisecond, and packets of running visits pass
 * between turns.
 */
const HANDSHAKES_PER_TURN = 2;

const listen = async (server: Server, options: StreamListenerOptions): Promise<number> => {
  server.listen({ host: options.ip, port: options.port, reusePort: options.reusePort, exclusive: true, backlog: 4096 });
  await once(server, 'listening');
  // A connection that could not be accepted (no descriptor left) must not end those there are.
  server.on('error', () => {});
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : options.port;
};

/** Listens for plain TCP. Throws what bind throws. */
export const listenTcp = async (
  options: StreamListenerOptions,
  onStream: (socket: Socket) => void,
): Promise<StreamListener> => {
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 }, onStream);
  const port = await listen(server, options);
  return { port, close: () => void server.close() };
};

export interface TlsListener extends StreamListener {
  /** For connections to come; those there are keep theirs. Throws where certificate and key do not fit. */
  setMaterial(material: TlsMaterial): void;
}

/** Which protocols are named to clients that ask (ALPN, RFC 7443). Browsers name none for TURN. */
export const TURN_ALPN = ['stun.turn', 'stun.nat-discovery'] as const;

/**
 * Listens for TLS 1.2 and 1.3. A connection that has not shaken hands after `handshakeMs` is ended, whether it says
 * nothing, something else, or something slowly. Throws what bind throws, and where certificate and key do not fit.
 */
export const listenTls = async (
  options: StreamListenerOptions & { material: TlsMaterial; alpn: readonly string[]; now: Clock; handshakeMs?: number },
  onStream: (socket: TLSSocket) => void,
): Promise<TlsListener> => {
  const handshaking = new Deadlines<Socket>({
    afterMs: options.handshakeMs ?? HANDSHAKE_MS,
    maxItems: MAX_HANDSHAKES,
    now: options.now,
    onDue: (socket) => socket.destroy(),
  });
  /** By both ends, since TLS gives no way from its socket to the one below. */
  const below = new Map<string, Socket>();
  const endsOf = (socket: Socket): string => `${socket.localAddress} ${socket.remoteAddress} ${socket.remotePort}`;

  const tls = createTlsServer({
    ...options.material,
    ...TLS_POLICY,
    ALPNProtocols: [...options.alpn],
  });
  const starting = new Paced<Socket>({
    perTurn: HANDSHAKES_PER_TURN,
    maxItems: MAX_HANDSHAKES,
    run: (socket) => tls.emit('connection', socket),
    onOverflow: (socket) => socket.destroy(),
  });
  const server = createServer(
    { noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000, pauseOnConnect: true },
    (socket) => {
      const ends = endsOf(socket);
      below.set(ends, socket);
      handshaking.set(socket);
      starting.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => {
        handshaking.clear(socket);
        starting.delete(socket);
        if (below.get(ends) === socket) below.delete(ends);
      });
    },
  );
  tls.on('secureConnection', (socket) => {
    const raw = below.get(endsOf(socket));
    if (raw !== undefined) handshaking.clear(raw);
    onStream(socket);
  });
  tls.on('tlsClientError', (_error, socket) => socket.destroy());
  const port = await listen(server, options);
  return {
    port,
    setMaterial: (material) => tls.setSecureContext({ ...material, ...TLS_POLICY }),
    close: () => {
      server.close();
      for (const socket of below.values()) if (handshaking.has(socket)) socket.destroy();
      handshaking.close();
    },
  };
};
