import type { TLSSocket } from 'node:tls';
import type { Clock } from '@bedside/kit';
import { Deadlines } from './deadlines.ts';
import {
  listenTls,
  type StreamListenerOptions,
  type TlsListener,
  type TlsMaterial,
  TURN_ALPN,
} from './stream-listener.ts';

export type FirstByte = 'turn' | 'http' | 'other';

/**
 * What speaks, by the first byte behind TLS: a STUN message starts with two zero bits and a method whose high bits are
 * zero for every method there is (RFC 8489 §5, RFC 7983 §7); an HTTP method starts with a capital letter.
 */
export const classify = (byte: number): FirstByte => {
  if ((byte & 0xfc) === 0) return 'turn';
  return byte >= 0x41 && byte <= 0x5a ? 'http' : 'other';
};

export interface SharedPortOptions extends StreamListenerOptions {
  readonly material: TlsMaterial;
  readonly now: Clock;
  readonly handshakeMs?: number;
  /** A connection that says nothing this long after its handshake is ended. */
  readonly firstByteMs?: number;
}

/** Who takes over a connection. Its first bytes are readable again; nobody else listens to it any more. */
export interface SharedPortHandlers {
  readonly onTurn: (socket: TLSSocket) => void;
  readonly onHttp: (socket: TLSSocket) => void;
  /** Ended: it spoke neither, or nothing. */
  readonly onRefused: (why: 'other' | 'silent') => void;
}

/** A share of the ten seconds that a connection has to be of use. */
const FIRST_BYTE_MS = 2_000;
/** Connections that have shaken hands and said nothing yet; beyond it the oldest is ended. */
const MAX_SILENT = 4096;

/**
 * One TLS port for HTTPS, WebSocket and TURN. It goes by what a connection says first, never by ALPN or SNI, which
 * browsers do not send alike for TURN. Throws what `listenTls` throws.
 */
export const listenShared = async (options: SharedPortOptions, handlers: SharedPortHandlers): Promise<TlsListener> => {
  const silent = new Deadlines<TLSSocket>({
    afterMs: options.firstByteMs ?? FIRST_BYTE_MS,
    maxItems: MAX_SILENT,
    now: options.now,
    onDue: (socket) => {
      handlers.onRefused('silent');
      socket.destroy();
    },
  });
  const listener = await listenTls({ ...options, alpn: ['http/1.1', ...TURN_ALPN] }, (socket) => {
    const onError = () => socket.destroy();
    const onClose = () => silent.clear(socket);
    const onData = (chunk: Buffer) => {
      socket.off('error', onError).off('close', onClose);
      silent.clear(socket);
      // Paused until its new owner listens, so that what was read ahead is not lost.
      socket.pause();
      socket.unshift(chunk);
      route(socket, classify(chunk[0] ?? 0xff), handlers);
    };
    silent.set(socket);
    socket.on('error', onError).once('close', onClose).once('data', onData);
  });
  return {
    ...listener,
    close: () => {
      silent.close();
      listener.close();
    },
  };
};

const route = (socket: TLSSocket, first: FirstByte, handlers: SharedPortHandlers): void => {
  if (first === 'turn') handlers.onTurn(socket);
  else if (first === 'http') handlers.onHttp(socket);
  else {
    handlers.onRefused('other');
    socket.on('error', () => {}).destroy();
  }
};
