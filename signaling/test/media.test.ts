import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CAPABILITIES, DTLS, FakeMediaNode, PARAMETERS } from './support/fake-media-node.ts';
import { Harness, newPatient, newProvider, newVisit } from './support/harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness[Symbol.asyncDispose]());

const camera = { source: 'camera', rtpParameters: PARAMETERS, paused: false };
const microphone = { ...camera, source: 'microphone' };
const chat = () => ({ clientMessageId: randomUUID(), text: 'x' });

describe('media', () => {
  it('MED1: the offer carries both transports and a consumer for every stream in the room', async () => {
    const visit = newVisit();
    const host = await harness.provider(visit);
    await host.client.request('media.produce', camera);
    await host.client.request('media.produce', microphone);
    const { offer } = await harness.patient(visit);
    expect(offer.send).toBeDefined();
    expect(offer.recv).toBeDefined();
    expect(offer.consumers.map(({ source, personId }) => [source, personId])).toEqual([
      ['camera', host.who.personId],
      ['microphone', host.who.personId],
    ]);
  });

  it('MED2 MED3 MED9: commands reach the node for the own peer only, and its codes come back', async () => {
    const visit = newVisit();
    const host = await harness.provider(visit);
    const patient = await harness.patient(visit);
    await patient.client.request('media.connect', { transportId: patient.offer.send?.id, dtlsParameters: DTLS });
    await patient.client.request('media.restartIce', { transportId: patient.offer.send?.id });
    const { producerId } = await patient.client.request('media.produce', camera);
    const consumer = await host.client.next('media.consumer');
    await host.client.request('media.resume', { consumerIds: [consumer.id] });
    expect(await patient.client.outcome('media.produce', camera)).toBe('media_limit');
    const foreign: [string, unknown][] = [
      ['media.connect', { transportId: patient.offer.send?.id, dtlsParameters: DTLS }],
      ['media.restartIce', { transportId: patient.offer.recv?.id }],
      ['media.pause', { producerId, paused: true }],
      ['media.close', { producerId }],
    ];
    for (const [type, data] of foreign)
      expect(await host.client.outcome(type, data), type).toBe('media_object_unknown');
    expect(await patient.client.outcome('media.resume', { consumerIds: [consumer.id] })).toBe('media_object_unknown');
    await patient.client.request('media.pause', { producerId, paused: true });
    expect(await host.client.next('media.consumerPaused')).toEqual({ consumerId: consumer.id, paused: true });
    await patient.client.request('media.close', { producerId });
  });

  it('MED4: a new producer reaches every other participant with subscribe as media.consumer, and its end too', async () => {
    const visit = newVisit();
    const host = await harness.provider(visit);
    const deaf = await harness.provider(visit, newProvider({ subscribe: false }));
    const patient = await harness.patient(visit);
    const { producerId } = await patient.client.request('media.produce', camera);
    const consumer = await host.client.next('media.consumer');
    expect(consumer).toMatchObject({ producerId, personId: patient.who.personId, source: 'camera' });
    await patient.client.request('leave');
    expect(await host.client.next('media.consumerClosed')).toEqual({ consumerId: consumer.id });
    expect(deaf.client.all('media.consumer')).toHaveLength(0);
    expect(patient.client.all('media.consumer')).toHaveLength(0);
  });

  it('MED4: a producer that comes while an offer is being made is told after the offer', async () => {
    const visit = newVisit();
    const host = await harness.provider(visit);
    const patient = newPatient();
    harness.core.admittedBefore(visit.encounterId, patient.personId);
    const { client } = await harness.enter(visit, patient);
    const gate = harness.media.hold('openPeer');
    await client.request('ready', { rtpCapabilities: CAPABILITIES });
    const opening = await harness.media.calls.find(
      ({ method, params }) => method === 'openPeer' && params.personId === patient.personId,
    );
    const consumer = {
      id: 'early',
      producerId: 'p',
      personId: host.who.personId,
      kind: 'video',
      source: 'camera',
      rtpParameters: PARAMETERS,
      producerPaused: false,
    };
    const { roomId, epoch } = opening.params;
    harness.bus.publish(`media.${harness.media.nodeId}.events`, {
      type: 'consumer',
      nodeId: harness.media.nodeId,
      roomId,
      epoch,
      peerId: opening.params.peerId,
      consumer,
    });
    await host.client.request('media.resume', { consumerIds: ['none'] }).catch(() => undefined);
    gate.open();
    await client.next('media.consumer');
    expect(client.events.items.map(({ event }) => event).filter((event) => event.startsWith('media.'))).toEqual([
      'media.offer',
      'media.consumer',
    ]);
  });

  it('MED5: mute pauses on the node, tells the owner, and only the owner takes it up', async () => {
    const visit = newVisit();
    const host = await harness.provider(visit);
    const patient = await harness.patient(visit);
    const { personId } = patient.who;
    await host.client.request('mute', { personId, source: 'microphone' });
    expect(patient.client.all('muted')).toHaveLength(0);
    const { producerId } = await patient.client.request('media.produce', microphone);
    const consumer = await host.client.next('media.consumer');
    await host.client.request('mute', { personId, source: 'microphone' });
    expect(await patient.client.next('muted')).toEqual({ producerId, source: 'microphone', by: host.who.personId });
    expect(await host.client.next('media.consumerPaused')).toEqual({ consumerId: consumer.id, paused: true });
    await harness.core.calls.find(({ method, params }) => method === 'recordMute' && params.mutedId === personId);
    expect(await host.client.outcome('media.pause', { producerId, paused: false })).toBe('media_object_unknown');
    await patient.client.request('media.pause', { producerId, paused: false });
    await host.client.next('media.consumerPaused', ({ paused }) => !paused);
    expect(await host.client.outcome('mute', { personId: newPatient().personId, source: 'camera' })).toBe(
      'participant_unknown',
    );
  });

  it('MED6: a lost worker gives everybody a new offer of a higher epoch; session, waiting room and chat stay', async () => {
    const visit = newVisit();
    const host = await harness.provider(visit);
    const patient = await harness.patient(visit);
    const waiting = await harness.enter(visit, newPatient());
    harness.media.loseRoom(visit.roomId);
    const later = ({ epoch }: { epoch: number }) => epoch > patient.offer.epoch;
    const offers = await Promise.all([host, patient].map(({ client }) => client.next('media.offer', later)));
    expect(offers[0]?.epoch).toBe(offers[1]?.epoch);
    await host.client.request('chat', chat());
    await patient.client.next('chat');
    expect(waiting.client.all('media.offer')).toHaveLength(0);
    expect([host, patient, waiting].map(({ client }) => client.socket.readyState)).toEqual([1, 1, 1]);
  });

  it('MED6: a node that falls silent, and one that comes back empty, is left for another', async () => {
    await using own = await Harness.start({ timings: { nodeDeadAfterMs: 1_500 } });
    const visit = newVisit();
    const alive = setInterval(() => own.media.announce(), 200);
    const patient = await own.patient(visit);
    own.media.restart();
    const second = await patient.client.next('media.offer', ({ epoch }) => epoch > patient.offer.epoch);
    clearInterval(alive);
    own.media.die();
    await expect.poll(async () => (await own.health.report()).checks.media, { timeout: 15_000 }).toBe('failed');
    expect(await patient.client.outcome('media.produce', camera)).toBe('media_unavailable');
    await patient.client.request('chat', chat());
    const other = new FakeMediaNode(own.bus, 'node-2');
    other.announce();
    await patient.client.next('media.offer', ({ epoch }) => epoch > second.epoch);
    expect(other.peersOf(visit.roomId)).toEqual([patient.who.personId]);
  });

  it('MED6: with no node there people come in, chat, and get their offer when one comes up', async () => {
    await using own = await Harness.start({ mediaNode: false });
    expect((await own.health.report()).checks.media).toBe('failed');
    const visit = newVisit();
    const { client, welcome } = await own.enter(visit, newProvider());
    expect(welcome.routerRtpCapabilities).toBeUndefined();
    await client.request('ready', { rtpCapabilities: CAPABILITIES });
    await client.request('chat', chat());
    own.media.announce('draining');
    own.media.announce('up');
    await client.next('media.offer');
    expect((await own.health.report()).ready).toBe(true);
  });

  it('MED6: a node that refuses the room is tried again', async () => {
    await using own = await Harness.start();
    own.media.refuse('openRoom', 'media_unavailable');
    const { client } = await own.enter(newVisit(), newProvider());
    await client.request('ready', { rtpCapabilities: CAPABILITIES });
    const tries = () => own.media.calls.count(({ method }) => method === 'openRoom');
    while (tries() < 3) await own.media.calls.find(({ method }) => method === 'openRoom', own.media.calls.items.length);
    own.media.refuse('openRoom', undefined);
    await client.next('media.offer');
    const epochs = own.media.calls.items
      .filter(({ method }) => method === 'openRoom')
      .map(({ params }) => params.epoch);
    expect(epochs).toEqual([...new Set(epochs)].sort((one, other) => one - other));
  });

  it('MED7: a command that the node calls stale leads to a new placement', async () => {
    await using own = await Harness.start();
    const patient = await own.patient(newVisit());
    own.media.refuse('produce', 'media_stale_epoch');
    expect(await patient.client.outcome('media.produce', camera)).toBe('media_stale_epoch');
    own.media.refuse('produce', undefined);
    await patient.client.next('media.offer', ({ epoch }) => epoch > patient.offer.epoch);
    await patient.client.request('media.produce', camera);
  });

  it('a client whose capabilities the node refuses stays in the visit and may say ready again', async () => {
    await using own = await Harness.start();
    own.media.refuse('openPeer', 'media_refused');
    const { client } = await own.enter(newVisit(), newProvider());
    await client.request('ready', { rtpCapabilities: CAPABILITIES });
    await client.request('chat', chat());
    own.media.refuse('openPeer', undefined);
    await client.request('ready', { rtpCapabilities: CAPABILITIES });
    await client.next('media.offer');
    expect(await client.outcome('ready', { rtpCapabilities: CAPABILITIES })).toBe('message_out_of_order');
  });

  it('the last one to go takes the room along, and the next visit of it begins with a higher epoch', async () => {
    const visit = newVisit();
    const first = await harness.patient(visit);
    await first.client.request('leave');
    await harness.media.calls.find(({ method, params }) => method === 'closeRoom' && params.roomId === visit.roomId);
    const again = await harness.patient(visit);
    expect(again.offer.epoch).toBeGreaterThan(first.offer.epoch);
  });

  it('closes the peer of somebody who leaves while it is being made', async () => {
    const visit = newVisit();
    const host = await harness.provider(visit);
    const gate = harness.media.hold('openPeer');
    const patient = newPatient();
    harness.core.admittedBefore(visit.encounterId, patient.personId);
    const { client } = await harness.enter(visit, patient);
    await client.request('ready', { rtpCapabilities: CAPABILITIES });
    await harness.media.calls.find(
      ({ method, params }) => method === 'openPeer' && params.personId === patient.personId,
    );
    await client.request('leave');
    gate.open();
    await harness.media.calls.find(({ method, params }) => method === 'closePeer' && params.roomId === visit.roomId);
    expect(harness.media.peersOf(visit.roomId)).toEqual([host.who.personId]);
  });
});

describe('chat and the end', () => {
  it('CHAT1: core stores before anybody sees it; a refusal shows nothing', async () => {
    await using own = await Harness.start();
    const visit = newVisit();
    const host = await own.provider(visit);
    const patient = await own.patient(visit);
    own.core.refuse('sendMessage', 'unavailable');
    expect(await host.client.outcome('chat', chat())).toBe('unavailable');
    own.core.refuse('sendMessage', undefined);
    const { message } = await host.client.request('chat', { clientMessageId: randomUUID(), text: ' hello ' });
    expect(message).toMatchObject({ seq: 1, text: 'hello', senderId: host.who.personId });
    expect(await patient.client.next('chat')).toEqual(message);
    expect(await host.client.next('chat')).toEqual(message);
    expect(patient.client.all('chat')).toHaveLength(1);
  });

  it('CHAT1 CHAT3: a late joiner gets the thread by seq, each once, and a gap is filled from core', async () => {
    const visit = newVisit();
    const host = await harness.provider(visit);
    for (const text of ['one', 'two']) await host.client.request('chat', { clientMessageId: randomUUID(), text });
    const late = await harness.enter(visit, newPatient());
    expect(late.welcome.messages).toEqual([]);
    await late.client.request('ready', { rtpCapabilities: CAPABILITIES });
    expect(late.client.all('chat')).toHaveLength(0);
    await host.client.request('admit', { personId: late.welcome.room.you.personId });
    await late.client.next('chat', ({ seq }) => seq === 2);
    harness.core.store(visit.encounterId, host.who.personId, 'three');
    const four = harness.core.store(visit.encounterId, host.who.personId, 'four');
    harness.core.publish({ type: 'message', encounterId: visit.encounterId, message: four });
    harness.core.publish({ type: 'message', encounterId: visit.encounterId, message: four });
    await host.client.request('chat', { clientMessageId: randomUUID(), text: 'five' });
    await late.client.next('chat', ({ seq }) => seq === 5);
    expect(late.client.all('chat').map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    const again = await harness.enter(visit, host.who);
    expect(again.welcome.messages).toHaveLength(5);
  });

  it('CHAT2: the same clientMessageId again answers with the stored message and sends nothing', async () => {
    const visit = newVisit();
    const host = await harness.provider(visit);
    const message = chat();
    const first = await host.client.request('chat', message);
    expect(await host.client.request('chat', message)).toEqual(first);
    await host.client.request('chat', chat());
    await host.client.next('chat', ({ seq }) => seq === 2);
    expect(host.client.all('chat')).toHaveLength(2);
  });

  it('END1: end tells everybody ended, then closes with 4410, and the node lets go of the room', async () => {
    const visit = newVisit();
    const host = await harness.provider(visit);
    const patient = await harness.patient(visit);
    const waiting = await harness.enter(visit, newPatient());
    await host.client.request('end').catch(() => undefined);
    for (const { client } of [host, patient, waiting]) {
      expect(await client.closed).toEqual({ code: 4410, reason: 'visit_over' });
      expect(client.events.items.at(-1)).toMatchObject({ event: 'ended', data: { reason: 'ended-by-host' } });
    }
    await harness.media.calls.find(({ method, params }) => method === 'closeRoom' && params.roomId === visit.roomId);
  });

  it('END1: a visit that ends while a hello is under way takes that one along', async () => {
    const visit = newVisit();
    const patient = newPatient();
    const client = await harness.connect(patient);
    const gate = harness.core.hold('redeemGrant');
    const hello = client.outcome('hello', {
      encounterId: visit.encounterId,
      grant: await harness.issuer.mint(visit, patient),
    });
    hello.catch(() => undefined);
    await harness.core.calls.find(
      ({ method, params }) => method === 'redeemGrant' && params.personId === patient.personId,
    );
    harness.core.end(visit.encounterId);
    gate.open();
    expect((await client.closed).code).toBe(4410);
  });

  it('END2: core is told of everybody who left, after the presence before it', async () => {
    const visit = newVisit();
    const patient = await harness.patient(visit);
    await patient.client.request('leave');
    await harness.core.calls.find(
      ({ method, params }) => method === 'leave' && params.personId === patient.who.personId,
    );
    const told = harness.core.calls.items.filter(
      ({ params, method }) => params.personId === patient.who.personId && ['leave', 'setPresence'].includes(method),
    );
    expect(told.map(({ method, params }) => params.presence ?? method)).toEqual([
      'device-check',
      'ready',
      'admitted',
      'leave',
    ]);
  });
});
