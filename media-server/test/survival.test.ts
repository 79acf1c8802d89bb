import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '@bedside/kit';
import { takePorts } from '@bedside/kit/ports';
import { describe, expect, it } from 'vitest';
import { opus, Rig } from './support/rig.ts';

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a worker that dies', () => {
  it('MED6 MED8 loses its rooms, tells so, and is replaced while the node stays up', async () => {
    await using rig = await Rig.start();
    const room = await rig.openRoom(5);
    const peer = await rig.openPeer(room);
    const portOf = (offer: typeof peer.offer) =>
      offer.recv?.iceCandidates.find(({ protocol }) => protocol === 'udp')?.port;
    expect(rig.server.addresses).toEqual([{ address: '127.0.0.1', port: portOf(peer.offer) }]);
    expect(rig.addresses).toEqual([]);
    const [pid] = rig.server.workerPids;
    if (pid === undefined) throw new Error('no worker');
    rig.logs.clear();
    process.kill(pid, 'SIGKILL');

    expect(await rig.events.first((event) => event.type === 'roomLost')).toEqual({
      type: 'roomLost',
      nodeId: 'test',
      ...room,
      reason: 'worker-died',
    });
    expect(await rig.codeOf('muteSource', { ...peer.address, source: 'camera' })).toBe('media_room_unknown');
    expect(await rig.codeOf('openRoom', { ...room, epoch: 6 })).toBe('media_unavailable');
    expect(await rig.health.report()).toMatchObject({ ready: false });

    await rig.logs.first((line) => line.event === 'media-worker-started');
    expect(rig.server.workerPids).not.toContain(pid);
    expect(await rig.health.report()).toMatchObject({ ready: true });
    await rig.send('openRoom', { ...room, epoch: 6 });
    const again = await rig.openPeer({ ...room, epoch: 6 });
    expect(again.offer.epoch).toBe(6);
    expect(rig.addresses).toEqual([[{ address: '127.0.0.1', port: portOf(again.offer) }]]);
    expect(rig.server.addresses).toEqual(rig.addresses[0]);
    expect(await rig.registry.getSingleMetricAsString('bedside_media_workers_died_total')).toContain(
      'bedside_media_workers_died_total 1',
    );
    expect(await rig.registry.getSingleMetricAsString('bedside_media_rooms_lost_total')).toContain(
      'bedside_media_rooms_lost_total 1',
    );
  });

  it('MED8 takes no other worker’s room along, and its port is had again', async () => {
    const port = await takePorts(2);
    await using rig = await Rig.start({ BEDSIDE_MEDIA_WORKERS: '2', BEDSIDE_MEDIA_PORT_BASE: String(port) });
    const rooms = [await rig.openRoom(), await rig.openRoom()];
    const peers = await Promise.all(rooms.map((room) => rig.openPeer(room)));
    const ports = peers.map(({ offer }) => offer.recv?.iceCandidates[0]?.port);
    expect(new Set(ports)).toEqual(new Set([port, port + 1]));
    const [pid] = rig.server.workerPids;
    if (pid === undefined) throw new Error('no worker');
    rig.logs.clear();
    process.kill(pid, 'SIGKILL');
    const lost = await rig.events.first((event) => event.type === 'roomLost');
    const kept = peers.find(({ address }) => address.roomId !== lost.roomId);
    if (kept === undefined) throw new Error('both rooms were lost');
    expect(
      await rig.codeOf('produce', { ...kept.address, source: 'microphone', rtpParameters: opus(), paused: false }),
    ).toBe('ok');
    expect(await rig.logs.first((line) => line.event === 'media-worker-started')).toMatchObject({
      port: ports[rooms.findIndex(({ roomId }) => roomId === lost.roomId)],
    });
  });

  it('answers commands under way when it dies', async () => {
    await using rig = await Rig.start();
    const room = await rig.openRoom();
    const [pid] = rig.server.workerPids;
    if (pid === undefined) throw new Error('no worker');
    process.kill(pid, 'SIGSTOP');
    const opening = rig.openPeer(room).catch((error: unknown) => error);
    process.kill(pid, 'SIGKILL');
    expect(await opening).toMatchObject({
      name: 'AppError',
      code: expect.stringMatching(/^media_(unavailable|peer_unknown|room_unknown)$/),
    });
  });
});

describe('announcements', () => {
  it('come at start, at each change, as draining and as gone', async () => {
    const rig = await Rig.start();
    expect(await rig.announcements.first(({ state }) => state === 'up')).toMatchObject({
      nodeId: 'test',
      rooms: 0,
      peers: 0,
    });
    const room = await rig.openRoom();
    await rig.announcements.first(({ rooms }) => rooms === 1);
    const peer = await rig.openPeer(room);
    await rig.announcements.first(({ peers }) => peers === 1);
    await rig.send('closePeer', peer.address);
    await rig.announcements.first(({ rooms, peers }) => rooms === 1 && peers === 0);
    rig.server.drain();
    await rig.announcements.first(({ state }) => state === 'draining');
    await rig.close();
    expect(rig.announcements.items.at(-1)).toMatchObject({ state: 'gone', rooms: 0 });
    expect(new Set(rig.announcements.items.map(({ incarnation }) => incarnation)).size).toBe(1);
  });

  it('come again at the interval', async () => {
    await using rig = await Rig.start();
    await rig.announcements.first(({ state }) => state === 'up');
    rig.announcements.clear();
    expect(await rig.announcements.first(() => true)).toMatchObject({ state: 'up', rooms: 0 });
  });
});

describe('stopping', () => {
  it('drain refuses new rooms and keeps those that are here', async () => {
    await using rig = await Rig.start();
    const room = await rig.openRoom();
    rig.server.drain();
    expect(await rig.codeOf('openRoom', { ...room, epoch: 2 })).toBe('media_unavailable');
  });

  it('drain lets people into rooms that are here', async () => {
    await using rig = await Rig.start();
    const room = await rig.openRoom();
    rig.server.drain();
    await rig.send('openRoom', room);
    expect((await rig.openPeer(room)).offer.epoch).toBe(1);
  });

  it('close tells of every room, ends the workers and answers no more', async () => {
    const rig = await Rig.start();
    const room = await rig.openRoom();
    const pids = rig.server.workerPids;
    await Promise.all([rig.server.close(), rig.server.close()]);
    expect(rig.events.items).toContainEqual({ type: 'roomLost', nodeId: 'test', ...room, reason: 'node-closed' });
    expect(pids.map(isAlive)).toEqual([false]);
    expect(await rig.codeOf('openRoom', room)).toBe('unavailable');
    await rig.close();
  });

  it('leaves the stop signals to the process', async () => {
    const before = process.listeners('SIGTERM');
    await using _rig = await Rig.start();
    expect(process.listeners('SIGTERM')).toEqual(before);
  });
});

describe('a node that is killed', () => {
  it('takes its workers along, so that the next start has their ports', async () => {
    const port = await takePorts();
    const script = fileURLToPath(new URL('support/node-under-test.ts', import.meta.url));
    const env = { ...process.env, BEDSIDE_MEDIA_PORT_BASE: String(port) };
    const node = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    await once(node.stdout, 'data');
    // A connection to the worker ends when the worker does.
    const worker = connect(port, '127.0.0.1');
    await once(worker, 'connect');
    const ended = once(worker, 'close');
    node.kill('SIGKILL');
    await ended;
    await using rig = await Rig.start({ BEDSIDE_MEDIA_PORT_BASE: String(port) });
    expect(rig.server.workerPids).toHaveLength(1);
  });
});

describe('limits', () => {
  it('refuses rooms beyond those of the node, until one is closed', async () => {
    await using rig = await Rig.start({ BEDSIDE_MEDIA_MAX_ROOMS: '1' });
    const room = await rig.openRoom();
    const other = { roomId: crypto.randomUUID(), epoch: 1 };
    expect(await rig.codeOf('openRoom', other)).toBe('media_unavailable');
    await rig.send('closeRoom', room);
    expect(await rig.codeOf('openRoom', other)).toBe('ok');
  });

  it('refuses peers beyond those of a room, also at the same time', async () => {
    await using rig = await Rig.start({ BEDSIDE_MEDIA_MAX_PEERS_PER_ROOM: '2' });
    const room = await rig.openRoom();
    const opened = await Promise.allSettled([rig.openPeer(room), rig.openPeer(room), rig.openPeer(room)]);
    expect(opened.map(({ status }) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(opened.find((result) => result.status === 'rejected')?.reason).toMatchObject({ code: 'media_limit' });
  });
});

describe('a start that cannot succeed', () => {
  it('names the variable when a port is taken', async () => {
    const port = await takePorts();
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    await expect(Rig.start({ BEDSIDE_MEDIA_PORT_BASE: String(port) })).rejects.toThrow(
      new RegExp(`BEDSIDE_MEDIA_PORT_BASE: .*port ${port} `),
    );
    other.close();
  });

  it('names the variable when the worker cannot be run', async () => {
    await expect(Rig.start({ MEDIASOUP_WORKER_BIN: '/nowhere/worker' })).rejects.toThrow(ConfigError);
    await expect(Rig.start({ MEDIASOUP_WORKER_BIN: '/nowhere/worker' })).rejects.toThrow('MEDIASOUP_WORKER_BIN');
  });

  it('names the variable when the address is not of this machine', async () => {
    await expect(Rig.start({ BEDSIDE_MEDIA_LISTEN_IP: '192.0.2.1' })).rejects.toThrow('BEDSIDE_MEDIA_LISTEN_IP');
  });
});
