import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import type { Udp } from '../../src/net/udp.ts';
import { MAX_FRAME_BYTES, StreamFramer } from '../../src/wire/stream-framer.ts';
import type { OpenWire } from '../../test/support/turn-client.ts';
import { address } from '../../test/support/turn-requests.ts';

const isStun = (frame: Buffer): boolean => ((frame[0] ?? 0) & 0xc0) === 0;

/** A datagram client's wire that costs the generator little: many datagrams a call, where that can be had. */
export const udpWire =
  (udp: Udp): OpenWire =>
  async ({ port }, events) => {
    const socket = await udp.open({
      family: 4,
      ip: '127.0.0.1',
      port: 0,
      onDatagram: (data) => void events.emit('frame', isStun(data) ? Buffer.from(data) : data),
      onError: () => {},
    });
    if (!socket.connect(address('127.0.0.1', port))) throw new Error('The socket could not be connected.');
    return { send: (bytes) => void socket.send([bytes], undefined), close: () => socket.close(), stream: undefined };
  };

/** A TLS client's wire. Records are as long as one message, however many are written at once, as browsers have it. */
export const tlsWire =
  (messageBytes: number): OpenWire =>
  async ({ port }, events) => {
    const stream = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(stream, 'secureConnect');
    stream.setNoDelay(true);
    stream.setMaxSendFragment(messageBytes);
    const framer = new StreamFramer({ maxFrameBytes: MAX_FRAME_BYTES });
    stream.on('data', (chunk: Buffer) => framer.push(chunk, (frame) => void events.emit('frame', frame)));
    stream.on('error', () => stream.destroy());
    stream.on('close', () => events.emit('close'));
    return { send: (bytes) => void stream.write(bytes), close: () => stream.destroy(), stream };
  };
