import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { MAX_FRAME_BYTES, StreamFramer } from '../wire/stream-framer.ts';
import type { TurnTarget } from './turn-uri.ts';

/** What carries the probe's messages. */
export interface ProbeWire {
  send(bytes: Buffer): void;
  /** Set by whoever listens. */
  onFrame: (frame: Buffer) => void;
  onBroken: (error: Error) => void;
  close(): void;
  /** Datagrams get lost, so requests are sent again. */
  readonly isReliable: boolean;
}

const newWire = (wire: Pick<ProbeWire, 'send' | 'close' | 'isReliable'>): ProbeWire => ({
  ...wire,
  onFrame: () => {},
  onBroken: () => {},
});

export const streamWire = (stream: Duplex): ProbeWire => {
  const wire = newWire({ send: (bytes) => void stream.write(bytes), close: () => stream.destroy(), isReliable: true });
  const framer = new StreamFramer({ maxFrameBytes: MAX_FRAME_BYTES });
  stream.on('data', (chunk: Buffer) => {
    const problem = framer.push(chunk, (frame) => wire.onFrame(frame));
    if (problem !== undefined) wire.onBroken(new Error(`What answers is not a TURN server (${problem}).`));
  });
  stream.on('error', (error) => wire.onBroken(error));
  stream.on('close', () => wire.onBroken(new Error('The connection was closed.')));
  return wire;
};

export const openUdpWire = async (target: TurnTarget, signal: AbortSignal): Promise<ProbeWire> => {
  const socket = createSocket(target.host.includes(':') ? 'udp6' : 'udp4');
  const connected = once(socket, 'connect', { signal });
  socket.connect(target.port, target.host);
  await connected;
  const wire = newWire({ send: (bytes) => socket.send(bytes), close: () => socket.close(), isReliable: false });
  socket.on('message', (bytes) => wire.onFrame(bytes));
  socket.on('error', (error) => wire.onBroken(error));
  return wire;
};

export const openTcp = async (target: TurnTarget, signal: AbortSignal): Promise<ReturnType<typeof connectTcp>> => {
  const socket = connectTcp({ host: target.host, port: target.port, noDelay: true });
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
};

/** `servername` goes into SNI and is what the certificate has to be for. */
export const secure = async (
  socket: ReturnType<typeof connectTcp>,
  options: { servername: string; ca: string | undefined; signal: AbortSignal },
): Promise<TLSSocket> => {
  const isName = !/^[\d.]+$|:/.test(options.servername);
  const tls = connectTls({
    socket,
    host: options.servername,
    ...(isName ? { servername: options.servername } : {}),
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  });
  try {
    await once(tls, 'secureConnect', { signal: options.signal });
    return tls;
  } catch (error) {
    tls.destroy();
    throw error;
  }
};
