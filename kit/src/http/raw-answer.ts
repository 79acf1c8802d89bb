import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Iterable<readonly [string, string]>;
  readonly type: string;
  readonly body: string;
}

/** Answers on a socket that no HTTP response stands for (a refused upgrade, a request that cannot be read), and ends it. */
export const endWithAnswer = (socket: Duplex, { status, headers, type, body }: RawAnswer): void => {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...[...headers].map(([name, value]) => `${name}: ${value}`),
    `content-type: ${type}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.on('error', () => socket.destroy());
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
};
