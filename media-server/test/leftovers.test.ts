import { randomUUID } from 'node:crypto';
import { Registry, silentLogger } from '@bedside/kit';
import { PeerId, PersonId, RoomId } from '@bedside/protocol';
import { expect, it } from 'vitest';
import { mediaServerConfig } from '../src/config.ts';
import { createMediaEvents } from '../src/events.ts';
import { MediaNode } from '../src/media-node.ts';
import { WorkerPool } from '../src/worker-pool.ts';
import { browserCapabilities, opus, vp8 } from './support/rig.ts';

const startNode = async () => {
  const config = mediaServerConfig({
    MEDIASOUP_WORKER_BIN: process.env.MEDIASOUP_WORKER_BIN,
    BEDSIDE_MEDIA_WORKERS: '1',
  });
  const counts = () => ({ rooms: 0, peers: 0, producers: { audio: 0, video: 0 }, consumers: 0 });
  const events = createMediaEvents({ nodeId: config.nodeId, log: silentLogger, registry: new Registry(), counts });
  const pool = await WorkerPool.start({ config, events, random: Math.random, onLost: () => undefined });
  const node = new MediaNode({ config, events, pool, publish: () => undefined, onChange: () => undefined });
  const [worker] = pool.workers;
  if (worker === undefined) throw new Error('no worker');
  return { node, pool, worker };
};

const everything = {
  rtpCapabilities: browserCapabilities(),
  publish: ['microphone', 'camera'] as const,
  subscribe: true,
};
const newPeer = () => ({ peerId: PeerId.parse(randomUUID()), personId: PersonId.parse(randomUUID()), ...everything });

it('closing peers and rooms leaves nothing in the worker', async () => {
  const { node, pool, worker } = await startNode();
  const idle = await worker.dump();
  const roomId = RoomId.parse(randomUUID());
  await node.openRoom(roomId, 1);
  const room = await node.room(roomId, 1);
  const [first, second] = [newPeer(), newPeer()];
  await room.openPeer(first);
  await room.openPeer(second);
  await room.peer(first.peerId).produce({ source: 'camera', rtpParameters: vp8(), paused: false });
  await room.peer(second.peerId).produce({ source: 'microphone', rtpParameters: opus(), paused: false });
  expect(node.counts).toEqual({ rooms: 1, peers: 2, producers: { audio: 1, video: 1 }, consumers: expect.any(Number) });
  expect((await worker.webRtcServer.dump()).webRtcTransportIds).toHaveLength(4);

  room.closePeer(first.peerId);
  expect((await worker.webRtcServer.dump()).webRtcTransportIds).toHaveLength(2);
  expect(node.counts).toMatchObject({ peers: 1, producers: { audio: 1, video: 0 } });

  // One that is still being opened leaves nothing either.
  const late = newPeer();
  const opening = room.openPeer(late).catch((error: unknown) => error);
  room.closePeer(late.peerId);
  expect(await opening).toMatchObject({ code: 'media_peer_unknown' });
  expect((await worker.webRtcServer.dump()).webRtcTransportIds).toHaveLength(2);

  const reopening = node.openRoom(RoomId.parse(randomUUID()), 1);
  node.closeRoom(roomId, 1);
  await reopening;
  node.close();
  expect(node.counts).toEqual({ rooms: 0, peers: 0, producers: { audio: 0, video: 0 }, consumers: 0 });
  expect(worker.rooms).toBe(0);
  expect(await worker.dump()).toEqual(idle);
  expect(await worker.webRtcServer.dump()).toMatchObject({ webRtcTransportIds: [], localIceUsernameFragments: [] });
  await pool.close();
});

it('a room that is closed while it is opened leaves nothing', async () => {
  const { node, pool, worker } = await startNode();
  const idle = await worker.dump();
  const roomId = RoomId.parse(randomUUID());
  const opening = node.openRoom(roomId, 1);
  node.closeRoom(roomId, 1);
  await opening;
  await expect(node.room(roomId, 1)).rejects.toMatchObject({ code: 'media_room_unknown' });
  expect(await worker.dump()).toEqual(idle);
  await pool.close();
});
