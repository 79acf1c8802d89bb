import type { Server as HttpServer } from 'node:http';
import { connect, createServer, type Server as NetServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import type { TLSSocket } from 'node:tls';

/** Longest header of the PROXY protocol, version 1, with its line end. */
const MAX_HEADER_BYTES = 107;
const HEADER_MS = 1_000;
const HEADER = /^PROXY TCP[46] ([0-9a-fA-F.:]{2,45}) [0-9a-fA-F.:]{2,45} (\d{1,5}) \d{1,5}\r\n$/;

const headerOf = (socket: Socket): string => {
  const source = socket.remoteAddress ?? '';
  const destination = socket.localAddress ?? '';
  const family = source.includes(':') ? 'TCP6' : 'TCP4';
  return `PROXY ${family} ${source} ${destination} ${socket.remotePort ?? 0} ${socket.localPort ?? 0}\r\n`;
};

/**
 * Hands a connection that speaks HTTP to the server in another thread or process, at `upstreamPath` (a UNIX socket),
 * with the client's address in front (PROXY protocol, version 1). TURN packets then never wait for what HTTP does.
 * Where nobody answers there the connection is ended.
 */
export const handOffHttp = (socket: TLSSocket, upstreamPath: string): void => {
  const upstream = connect({ path: upstreamPath });
  upstream.write(headerOf(socket));
  // Each pipeline ends both of its streams when either fails, and both streams are in both pipelines.
  pipeline(socket, upstream, () => {});
  pipeline(upstream, socket, () => {});
};

/**
 * Takes connections of `handOffHttp` and gives them to an HTTP server as if it had accepted them, with the client's
 * own address. Listen with it on a UNIX socket that nobody else may open: whoever connects can name any address.
 */
export const createHandoffServer = (http: HttpServer): NetServer =>
  createServer({ noDelay: true, pauseOnConnect: false }, (socket) => {
    let header = Buffer.alloc(0);
    const refuse = () => socket.destroy();
    const timer = setTimeout(refuse, HEADER_MS);
    const onData = (chunk: Buffer) => {
      header = Buffer.concat([header, chunk]);
      const end = header.indexOf('\r\n');
      if (end < 0 && header.length <= MAX_HEADER_BYTES) return;
      const match = HEADER.exec(header.toString('latin1', 0, Math.min(end + 2, MAX_HEADER_BYTES)));
      if (match === null) {
        refuse();
        return;
      }
      clearTimeout(timer);
      socket.pause();
      socket.off('data', onData).off('error', refuse);
      Object.defineProperties(socket, { remoteAddress: { value: match[1] }, remotePort: { value: Number(match[2]) } });
      const rest = header.subarray(end + 2);
      if (rest.length > 0) socket.unshift(rest);
      http.emit('connection', socket);
      socket.resume();
    };
    socket
      .on('data', onData)
      .on('error', refuse)
      .once('close', () => clearTimeout(timer));
  });
