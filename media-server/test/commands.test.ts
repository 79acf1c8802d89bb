import { randomUUID } from 'node:crypto';
import { ConsumerId, PeerId, ProducerId, RoomId, TransportId } from '@bedside/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { browserCapabilities, opus, Rig, someDtls, type TestPeer, vp8 } from './support/rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
});
afterAll(() => rig.close());
beforeEach(() => rig.events.clear());

const eventsFor = (peer: TestPeer) =>
  rig.events.items.filter((event) => 'peerId' in event && event.peerId === peer.address.peerId);
const consumerFor = (peer: TestPeer) =>
  rig.events.first((event) => event.type === 'consumer' && event.peerId === peer.address.peerId);

describe('openPeer', () => {
  it('MED1 gives both transports, over UDP and TCP, with UDP preferred', async () => {
    const { offer } = await rig.openPeer(await rig.openRoom(7));
    expect(offer.epoch).toBe(7);
    for (const transport of [offer.send, offer.recv]) {
      expect(transport?.iceCandidates.map(({ protocol }) => protocol)).toEqual(['udp', 'tcp']);
      expect(transport?.iceParameters.iceLite).toBe(true);
    }
  });

  it('gives no transport for what the peer may not do', async () => {
    const { offer } = await rig.openPeer(await rig.openRoom(), { publish: [], subscribe: false });
    expect(offer).toMatchObject({ consumers: [] });
    expect(offer.send ?? offer.recv).toBeUndefined();
  });

  it('MED1 gives consumers of all that others send in the one offer', async () => {
    const room = await rig.openRoom();
    const sender = await rig.openPeer(room);
    await rig.send('produce', { ...sender.address, source: 'microphone', rtpParameters: opus(), paused: false });
    await rig.send('produce', { ...sender.address, source: 'camera', rtpParameters: vp8(), paused: true });
    const { offer } = await rig.openPeer(room);
    expect(
      offer.consumers.map(({ source, personId, producerPaused }) => ({ source, personId, producerPaused })),
    ).toEqual([
      { source: 'microphone', personId: sender.personId, producerPaused: false },
      { source: 'camera', personId: sender.personId, producerPaused: true },
    ]);
  });

  it('leaves out what the receiver cannot decode', async () => {
    const room = await rig.openRoom();
    const sender = await rig.openPeer(room);
    await rig.send('produce', { ...sender.address, source: 'microphone', rtpParameters: opus(), paused: false });
    await rig.send('produce', { ...sender.address, source: 'camera', rtpParameters: vp8(), paused: false });
    const [audioOnly] = browserCapabilities().codecs;
    const { offer } = await rig.openPeer(room, {
      rtpCapabilities: { codecs: audioOnly === undefined ? [] : [audioOnly] },
    });
    expect(offer.consumers.map(({ source }) => source)).toEqual(['microphone']);
  });

  it('replaces a peer of the same id and closes what it had', async () => {
    const room = await rig.openRoom();
    const peer = await rig.openPeer(room);
    const watcher = await rig.openPeer(room);
    await rig.send('produce', { ...peer.address, source: 'microphone', rtpParameters: opus(), paused: false });
    await consumerFor(watcher);
    const again = await rig.openPeer(room, { peerId: peer.address.peerId });
    expect(again.offer.send?.id).not.toBe(peer.offer.send?.id);
    await rig.events.first((event) => event.type === 'consumerClosed' && event.peerId === watcher.address.peerId);
    expect(await rig.codeOf('restartIce', { ...peer.address, transportId: peer.offer.send?.id ?? '' })).toBe(
      'media_object_unknown',
    );
  });

  it('MED1 tells nothing twice and leaves nothing out while streams appear during the opening', async () => {
    const room = await rig.openRoom();
    const senders = await Promise.all([rig.openPeer(room), rig.openPeer(room), rig.openPeer(room)]);
    const [opened] = await Promise.all([
      rig.openPeer(room),
      ...senders.map((sender) =>
        rig.send('produce', { ...sender.address, source: 'microphone', rtpParameters: opus(), paused: false }),
      ),
    ]);
    const inOffer = opened.offer.consumers.map(({ producerId }) => producerId);
    const isToldLater = () =>
      eventsFor(opened).filter((event) => event.type === 'consumer').length + inOffer.length === senders.length;
    if (!isToldLater()) await rig.events.first(isToldLater);
    const told = eventsFor(opened).flatMap((event) => (event.type === 'consumer' ? [event.consumer.producerId] : []));
    expect(new Set([...inOffer, ...told]).size).toBe(3);
  });
});

describe('produce', () => {
  it('MED4 reaches the others of the room as a consumer, and nobody else', async () => {
    const room = await rig.openRoom();
    const [sender, receiver] = [await rig.openPeer(room), await rig.openPeer(room)];
    const [deaf, elsewhere] = [
      await rig.openPeer(room, { subscribe: false }),
      await rig.openPeer(await rig.openRoom()),
    ];
    const { producerId } = await rig.send('produce', {
      ...sender.address,
      source: 'camera',
      rtpParameters: vp8(),
      paused: false,
    });
    expect(await consumerFor(receiver)).toMatchObject({
      ...room,
      consumer: { producerId, personId: sender.personId, source: 'camera', kind: 'video' },
    });
    expect([sender, deaf, elsewhere].flatMap(eventsFor)).toEqual([]);
  });

  it('asks for NACK of Opus where both sides can', async () => {
    const room = await rig.openRoom();
    const [sender, receiver] = [await rig.openPeer(room), await rig.openPeer(room)];
    await rig.send('produce', { ...sender.address, source: 'microphone', rtpParameters: opus(), paused: false });
    expect(await consumerFor(receiver)).toMatchObject({
      consumer: {
        rtpParameters: {
          codecs: [
            { mimeType: 'audio/opus', parameters: { useinbandfec: 1, usedtx: 1 }, rtcpFeedback: [{ type: 'nack' }] },
          ],
        },
      },
    });
  });

  it('MED3 refuses a second producer of a source, also at the same time', async () => {
    const { address } = await rig.openPeer(await rig.openRoom());
    const produce = () => rig.codeOf('produce', { ...address, source: 'camera', rtpParameters: vp8(), paused: false });
    expect((await Promise.all([produce(), produce()])).sort()).toEqual(['media_limit', 'ok']);
    expect(await produce()).toBe('media_limit');
  });

  it('MED3 takes a source again after it was closed', async () => {
    const { address } = await rig.openPeer(await rig.openRoom());
    const { producerId } = await rig.send('produce', {
      ...address,
      source: 'camera',
      rtpParameters: vp8(),
      paused: false,
    });
    await rig.send('closeProducer', { ...address, producerId });
    expect(await rig.codeOf('produce', { ...address, source: 'camera', rtpParameters: vp8(), paused: false })).toBe(
      'ok',
    );
  });

  it('GR5 refuses a source that the peer may not publish', async () => {
    const { address } = await rig.openPeer(await rig.openRoom(), { publish: ['microphone'] });
    expect(await rig.codeOf('produce', { ...address, source: 'screen', rtpParameters: vp8(), paused: false })).toBe(
      'not_permitted',
    );
  });

  it('refuses a source of another kind of media', async () => {
    const { address } = await rig.openPeer(await rig.openRoom());
    expect(await rig.codeOf('produce', { ...address, source: 'microphone', rtpParameters: vp8(), paused: false })).toBe(
      'media_refused',
    );
  });
});

describe('producers and consumers', () => {
  it('tells receivers of pause, of taking up and of the end, in that order', async () => {
    const room = await rig.openRoom();
    const [sender, receiver] = [await rig.openPeer(room), await rig.openPeer(room)];
    const { producerId } = await rig.send('produce', {
      ...sender.address,
      source: 'microphone',
      rtpParameters: opus(),
      paused: false,
    });
    await rig.send('pauseProducer', { ...sender.address, producerId, paused: true });
    await rig.send('pauseProducer', { ...sender.address, producerId, paused: false });
    await rig.send('closeProducer', { ...sender.address, producerId });
    await rig.events.first((event) => event.type === 'consumerClosed');
    const seen = eventsFor(receiver);
    expect(seen.map((event) => event.type)).toEqual(['consumer', 'consumerPaused', 'consumerPaused', 'consumerClosed']);
    expect(seen.flatMap((event) => (event.type === 'consumerPaused' ? [event.paused] : []))).toEqual([true, false]);
  });

  it('MED5 mute pauses the producer of a source and names it', async () => {
    const room = await rig.openRoom();
    const [sender, receiver] = [await rig.openPeer(room), await rig.openPeer(room)];
    const { producerId } = await rig.send('produce', {
      ...sender.address,
      source: 'microphone',
      rtpParameters: opus(),
      paused: false,
    });
    await consumerFor(receiver);
    expect(await rig.send('muteSource', { ...sender.address, source: 'microphone' })).toEqual({ producerId });
    expect(await rig.events.first((event) => event.type === 'consumerPaused')).toMatchObject({
      peerId: receiver.address.peerId,
      paused: true,
    });
    expect(await rig.send('muteSource', { ...sender.address, source: 'camera' })).toEqual({});
  });

  it('MED2 a stream that has ended does not keep others from being resumed', async () => {
    const room = await rig.openRoom();
    const [sender, receiver] = [await rig.openPeer(room), await rig.openPeer(room)];
    await rig.send('produce', { ...sender.address, source: 'microphone', rtpParameters: opus(), paused: false });
    const told = await consumerFor(receiver);
    const consumerId = told.type === 'consumer' ? told.consumer.id : '';
    expect(await rig.codeOf('resumeConsumers', { ...receiver.address, consumerIds: ['ended', consumerId] })).toBe(
      'media_object_unknown',
    );
    expect(await rig.codeOf('resumeConsumers', { ...receiver.address, consumerIds: [consumerId] })).toBe('ok');
  });

  it('ends the others’ consumers when a peer is closed', async () => {
    const room = await rig.openRoom();
    const [sender, receiver] = [await rig.openPeer(room), await rig.openPeer(room)];
    await rig.send('produce', { ...sender.address, source: 'microphone', rtpParameters: opus(), paused: false });
    await consumerFor(receiver);
    await rig.send('closePeer', sender.address);
    expect(await rig.events.first((event) => event.type === 'consumerClosed')).toMatchObject({
      peerId: receiver.address.peerId,
    });
    expect(await rig.codeOf('closePeer', sender.address)).toBe('ok');
    expect(await rig.codeOf('muteSource', { ...sender.address, source: 'microphone' })).toBe('media_peer_unknown');
  });

  it('connects a transport once and restarts ICE with new credentials', async () => {
    const { address, offer } = await rig.openPeer(await rig.openRoom());
    const transportId = offer.send?.id ?? '';
    expect(await rig.codeOf('connectTransport', { ...address, transportId, dtlsParameters: someDtls() })).toBe('ok');
    expect(await rig.codeOf('connectTransport', { ...address, transportId, dtlsParameters: someDtls() })).toBe(
      'media_refused',
    );
    const { iceParameters } = await rig.send('restartIce', { ...address, transportId });
    expect(iceParameters.usernameFragment).not.toBe(offer.send?.iceParameters.usernameFragment);
  });

  it('MED9 does not touch what belongs to another peer', async () => {
    const room = await rig.openRoom();
    const [owner, other] = [await rig.openPeer(room), await rig.openPeer(room)];
    const { producerId } = await rig.send('produce', {
      ...other.address,
      source: 'microphone',
      rtpParameters: opus(),
      paused: false,
    });
    const consumer = await consumerFor(owner);
    const consumerIds = consumer.type === 'consumer' ? [consumer.consumer.id] : [];
    const codes = await Promise.all([
      rig.codeOf('connectTransport', {
        ...other.address,
        transportId: owner.offer.send?.id ?? '',
        dtlsParameters: someDtls(),
      }),
      rig.codeOf('restartIce', { ...other.address, transportId: owner.offer.recv?.id ?? '' }),
      rig.codeOf('pauseProducer', { ...owner.address, producerId, paused: true }),
      rig.codeOf('closeProducer', { ...owner.address, producerId }),
      rig.codeOf('resumeConsumers', { ...other.address, consumerIds }),
      rig.codeOf('restartIce', { ...owner.address, transportId: TransportId.parse('none') }),
      rig.codeOf('closeProducer', { ...owner.address, producerId: ProducerId.parse('none') }),
      rig.codeOf('resumeConsumers', { ...owner.address, consumerIds: [...consumerIds, ConsumerId.parse('none')] }),
    ]);
    expect(new Set(codes)).toEqual(new Set(['media_object_unknown']));
    expect(await rig.codeOf('resumeConsumers', { ...owner.address, consumerIds })).toBe('ok');
  });
});

describe('rooms', () => {
  it('MED7 refuses commands of an older epoch, and opens nothing again with one', async () => {
    const old = await rig.openRoom(3);
    const peer = await rig.openPeer(old);
    await rig.send('openRoom', { ...old, epoch: 4 });
    expect(
      await rig.codeOf('openPeer', {
        ...peer.address,
        personId: peer.personId,
        rtpCapabilities: browserCapabilities(),
        publish: [],
        subscribe: true,
      }),
    ).toBe('media_stale_epoch');
    expect(await rig.codeOf('restartIce', { ...peer.address, transportId: peer.offer.recv?.id ?? '' })).toBe(
      'media_stale_epoch',
    );
    expect(await rig.codeOf('closeRoom', old)).toBe('media_stale_epoch');
    expect(await rig.codeOf('closePeer', { ...peer.address, epoch: 4 })).toBe('ok');
    await rig.send('closeRoom', { ...old, epoch: 4 });
    expect(await rig.codeOf('openRoom', old)).toBe('media_stale_epoch');
    expect(await rig.codeOf('openRoom', { ...old, epoch: 4 })).toBe('ok');
  });

  it('opens a room once however often it is asked', async () => {
    const before = rig.server.counts.rooms;
    const room = { roomId: RoomId.parse(randomUUID()), epoch: 1 };
    await Promise.all([rig.send('openRoom', room), rig.send('openRoom', room), rig.send('openRoom', room)]);
    const peer = await rig.openPeer(room);
    await rig.send('openRoom', room);
    expect(rig.server.counts.rooms).toBe(before + 1);
    expect(await rig.codeOf('restartIce', { ...peer.address, transportId: peer.offer.recv?.id ?? '' })).toBe('ok');
  });

  it('answers for a room that is not there, and closes it without complaint', async () => {
    const room = { roomId: RoomId.parse(randomUUID()), epoch: 1 };
    expect(await rig.codeOf('muteSource', { ...room, peerId: PeerId.parse('p'), source: 'camera' })).toBe(
      'media_room_unknown',
    );
    expect(await rig.codeOf('closeRoom', room)).toBe('ok');
  });
});
