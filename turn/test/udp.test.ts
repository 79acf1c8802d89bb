import { once } from 'node:events';
import { takePorts } from '@bedside/kit/ports';
import { describe, expect, it } from 'vitest';
import { loadLibc } from '../src/net/libc/libc.ts';
import type { Udp, UdpOptions, UdpSocket } from '../src/net/udp.ts';
import { addressText, type TransportAddress } from '../src/wire/ip.ts';
import { everyUdp } from './support/every-udp.ts';
import { Peer } from './support/peer.ts';
import { address } from './support/turn-requests.ts';

interface Opened extends Disposable {
  readonly socket: UdpSocket;
  readonly at: TransportAddress;
  /** What arrived, as text, with the sender. */
  readonly got: string[];
  readonly errors: string[];
  /** When so many have arrived. */
  arrived(count: number): Promise<void>;
}

const openOn = async (udp: Udp, options: Partial<UdpOptions> = {}): Promise<Opened> => {
  const got: string[] = [];
  const errors: string[] = [];
  let tell = () => {};
  const family = options.family ?? 4;
  const ip = family === 4 ? '127.0.0.1' : '::1';
  const socket = await udp.open({
    family,
    ip,
    port: 0,
    onDatagram: (data, from) => {
      got.push(`${data.toString('latin1')} of ${from === undefined ? 'nobody' : addressText(from)}`);
      tell();
    },
    onError: (code) => errors.push(code),
    ...options,
  });
  return {
    socket,
    at: address(ip, socket.port),
    got,
    errors,
    arrived: async (count) => {
      while (got.length < count) {
        const { promise, resolve } = Promise.withResolvers<void>();
        tell = resolve;
        await promise;
      }
    },
    [Symbol.dispose]: () => socket.close(),
  };
};

it('this machine can call the C library', async () => {
  expect(await loadLibc(process)).toBeDefined();
  expect(await loadLibc({ platform: 'linux', arch: 'ia32' })).toBeUndefined();
});

describe.each(await everyUdp())('with $kind datagrams', (udp) => {
  it.each([4, 6] as const)('IPv%i carries a burst of all sizes whole and in order', async (family) => {
    using receiver = await openOn(udp, { family });
    using sender = await openOn(udp, { family });
    const sizes = Array.from({ length: 300 }, (_, index) => [1000, 1000, 0, 1, 2048, 2049, 9000, 999][index % 8] ?? 0);
    for (const [index, size] of sizes.entries())
      sender.socket.send([Buffer.from(`${index} `), Buffer.alloc(size, 'x')], receiver.at);
    await receiver.arrived(sizes.length);
    const from = addressText(sender.at);
    expect(receiver.got).toEqual(sizes.map((size, index) => `${index} ${'x'.repeat(size)} of ${from}`));
  });

  it('each of many receivers gets its own', async () => {
    using sender = await openOn(udp);
    const receivers = await Promise.all(Array.from({ length: 5 }, () => openOn(udp)));
    for (let index = 0; index < 40; index += 1) {
      const receiver = receivers[index % receivers.length];
      if (receiver !== undefined) sender.socket.send([Buffer.from(`${index}`)], receiver.at);
    }
    for (const [number, receiver] of receivers.entries()) {
      await receiver.arrived(8);
      expect(receiver.got).toEqual(
        Array.from({ length: 8 }, (_, round) => `${round * 5 + number} of ${addressText(sender.at)}`),
      );
      receiver.socket.close();
    }
  });

  it('connected it hears its peer alone, and everybody again when it is not', async () => {
    // Named, for a socket loses a port of the kernel's choice when it is disconnected.
    using socket = await openOn(udp, { port: await takePorts() });
    await using peer = await Peer.open();
    using stranger = await openOn(udp);
    expect(socket.socket.connect(peer.address)).toBe(true);
    stranger.socket.send([Buffer.from('not heard')], socket.at);
    udp.flush();
    socket.socket.send([Buffer.from('echo')], undefined);
    await socket.arrived(1);
    expect(socket.got).toEqual([`echo of ${addressText(peer.address)}`]);

    socket.socket.disconnect();
    socket.socket.send([Buffer.from('hello')], stranger.at);
    await stranger.arrived(1);
    expect(stranger.got).toEqual([`hello of ${addressText(socket.at)}`]);
  });

  it('closed it sends nothing, and its port is free', async () => {
    await using peer = await Peer.open();
    const { socket, at } = await openOn(udp, { port: await takePorts() });
    socket.close();
    socket.close();
    expect(socket.send([Buffer.from('late')], peer.address)).toBe(false);
    using again = await openOn(udp, { port: at.port });
    again.socket.send([Buffer.from('again')], peer.address);
    const [data] = await once(peer.socket, 'message');
    expect(String(data)).toBe('again');
  });

  it('a port that is taken is told by name', async () => {
    await using peer = await Peer.open();
    await expect(openOn(udp, { port: peer.address.port })).rejects.toThrow(/bind EADDRINUSE 127\.0\.0\.1:\d+$/);
  });
});
