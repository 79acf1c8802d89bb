import { once } from 'node:events';
import { takePorts } from '@bedside/kit/ports';
import { describe, expect, it } from 'vitest';
import { RelaySocket } from '../src/net/relay-socket.ts';
import type { Udp } from '../src/net/udp.ts';
import { everyUdp } from './support/every-udp.ts';
import { Peer } from './support/peer.ts';

const openWith = (
  udp: Udp,
  ports: { min: number; max: number },
  options: { evenPort?: boolean; draw?: (attempt: number) => number } = {},
) => {
  let attempt = 0;
  const arrived = Promise.withResolvers<{ data: Buffer; port: number }>();
  const socket = RelaySocket.open({
    udp,
    family: 4,
    ip: '127.0.0.1',
    ports,
    evenPort: options.evenPort ?? false,
    randomInt: (min, max) => options.draw?.(attempt++) ?? Math.floor(Math.random() * (max - min + 1)) + min,
    onDatagram: (data, from) => arrived.resolve({ data, port: from.port }),
    onBroken: () => arrived.reject(new Error('The socket broke.')),
  });
  return { socket, arrived: arrived.promise };
};

describe.each(await everyUdp())('with $kind datagrams', (udp) => {
  const open = (ports: { min: number; max: number }, options: Parameters<typeof openWith>[2] = {}) =>
    openWith(udp, ports, options);

  it('draws again where a port is taken, and gives up where all are', async () => {
    await using taken = await Peer.open();
    const { port } = taken.address;
    const free = await takePorts();
    const { socket } = open({ min: 1024, max: 65_535 }, { draw: (attempt) => (attempt < 3 ? port : free) });
    const opened = await socket;
    expect(opened.address.port).toBe(free);
    opened.close();
    await expect(open({ min: port, max: port }).socket).rejects.toThrow(/EADDRINUSE/);
  });

  it('takes an even port where one is asked for', async () => {
    for (let round = 0; round < 20; round += 1) {
      const socket = await open({ min: 20_001, max: 30_000 }, { evenPort: true }).socket;
      expect(socket.address.port % 2).toBe(0);
      socket.close();
    }
  });

  it('hears its one peer alone, then everybody again on the same port, and outlives a peer that is gone', async () => {
    await using peer = await Peer.open();
    await using other = await Peer.open();
    const { socket, arrived } = open({ min: 30_001, max: 40_000 });
    const relay = await socket;
    relay.focus(peer.address);
    const atPeer = once(peer.socket, 'message');
    relay.send(Buffer.from('one'), peer.address);
    expect((await atPeer)[1].port).toBe(relay.address.port);
    expect((await arrived).port).toBe(peer.address.port);

    relay.focus(undefined);
    const atOther = once(other.socket, 'message');
    relay.send(Buffer.from('two'), other.address);
    expect((await atOther)[1].port).toBe(relay.address.port);

    const gone = await Peer.open();
    await gone[Symbol.asyncDispose]();
    relay.focus(gone.address);
    relay.send(Buffer.from('lost'), gone.address);
    relay.send(Buffer.from('lost'), gone.address);
    relay.focus(undefined);
    const again = once(other.socket, 'message');
    relay.send(Buffer.from('three'), other.address);
    expect(String((await again)[0])).toBe('three');
    relay.close();
    relay.close();
    expect(relay.send(Buffer.from('late'), peer.address)).toBe(false);
  });
});
