import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CAPABILITIES, PARAMETERS } from './support/fake-media-node.ts';
import { Harness, newPatient, newProvider, newVisit } from './support/harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness[Symbol.asyncDispose]());

describe('the waiting room', () => {
  it('WAIT1: device-check after hello, ready after ready, in the visit only after admission', async () => {
    const visit = newVisit();
    const patient = newPatient();
    const { client, welcome } = await harness.enter(visit, patient);
    expect(welcome.room.you).toMatchObject({ presence: 'device-check', connected: true, role: 'patient' });
    expect(welcome.routerRtpCapabilities).toEqual(CAPABILITIES);
    await client.request('ready', { rtpCapabilities: CAPABILITIES });
    await client.next('room', (room) => room.you.presence === 'ready');
    expect(client.all('media.offer')).toHaveLength(0);

    harness.core.admit(visit.encounterId, patient.personId);
    await client.next('room', (room) => room.you.presence === 'admitted');
    const offer = await client.next('media.offer');
    expect(offer.send).toBeDefined();
    expect(offer.recv).toBeDefined();
    const told = () =>
      harness.core.calls.items
        .filter(({ method, params }) => method === 'setPresence' && params.personId === patient.personId)
        .map(({ params }) => params.presence);
    await expect.poll(told).toEqual(['device-check', 'ready', 'admitted']);
  });

  it('WAIT1: who is admitted at the device check comes in with the click', async () => {
    const visit = newVisit();
    const patient = newPatient();
    const { client } = await harness.enter(visit, patient);
    harness.core.admit(visit.encounterId, patient.personId);
    expect(await client.outcome('chat', { clientMessageId: crypto.randomUUID(), text: 'x' })).toBe('not_in_visit');
    await client.request('ready', { rtpCapabilities: CAPABILITIES });
    await client.next('media.offer');
  });

  it('WAIT2: before admission every request about media or chat is answered not_in_visit, and the node knows nobody', async () => {
    const visit = newVisit();
    const { client } = await harness.enter(visit, newPatient());
    await client.request('ready', { rtpCapabilities: CAPABILITIES });
    await harness.media.calls.find(({ method, params }) => method === 'openRoom' && params.roomId === visit.roomId);
    const requests = {
      chat: { clientMessageId: crypto.randomUUID(), text: 'hello' },
      'media.connect': { transportId: 't', dtlsParameters: { fingerprints: [{ algorithm: 'sha-256', value: 'A' }] } },
      'media.restartIce': { transportId: 't' },
      'media.produce': { source: 'microphone', rtpParameters: PARAMETERS, paused: false },
      'media.pause': { producerId: 'p', paused: true },
      'media.close': { producerId: 'p' },
      'media.resume': { consumerIds: ['c'] },
    };
    for (const [type, data] of Object.entries(requests)) expect(await client.outcome(type, data)).toBe('not_in_visit');
    expect(
      harness.media.calls.items.filter(({ params }) => params.roomId === visit.roomId).map(({ method }) => method),
    ).toEqual(['openRoom']);
  });

  it('WAIT3 WAIT6: who waits learns only whether a host is present; hosts see everybody', async () => {
    const visit = newVisit();
    const first = await harness.enter(visit, newPatient());
    const second = await harness.enter(visit, newPatient());
    expect(first.welcome.room).toMatchObject({ others: [], hostPresent: false });
    const before = first.client.events.items.length;
    const provider = newProvider();
    const host = await harness.enter(visit, provider);
    expect(host.welcome.room.others).toHaveLength(2);
    expect(host.welcome.room.others[0]).toMatchObject({
      presence: 'device-check',
      connected: true,
      since: expect.any(String),
    });
    const room = await first.client.next('room', () => true, before);
    expect(room).toMatchObject({ others: [], hostPresent: true });
    await second.client.request('ready', { rtpCapabilities: CAPABILITIES });
    await host.client.next('room', (view) => view.others.some((other) => other.presence === 'ready'));
    // What only hosts may see has caused no event for who waits.
    expect(await first.client.outcome('hello', {})).toBe('message_out_of_order');
    expect(first.client.events.items.length).toBe(before + 1);
    expect(JSON.stringify(first.client.frames)).not.toContain(provider.personId);
  });

  it('WAIT3: somebody in the visit who is no host does not see who waits', async () => {
    const visit = newVisit();
    const inside = await harness.patient(visit);
    const waiting = newPatient();
    await harness.enter(visit, waiting);
    const host = await harness.provider(visit);
    await inside.client.next('room', (room) => room.others.some(({ personId }) => personId === host.who.personId));
    expect(JSON.stringify(inside.client.frames)).not.toContain(waiting.personId);
  });

  it('WAIT4: somebody admitted before comes straight in after a reload', async () => {
    const visit = newVisit();
    const host = await harness.provider(visit);
    const patient = newPatient();
    const { client } = await harness.enter(visit, patient);
    await client.request('ready', { rtpCapabilities: CAPABILITIES });
    await host.client.request('admit', { personId: patient.personId });
    await client.next('media.offer');
    const again = await harness.join(visit, patient);
    expect(again.offer.epoch).toBeGreaterThan(0);
    expect((await client.closed).reason).toBe('session_replaced');
  });

  it('WAIT4: an admission decided while a hello is under way is not lost', async () => {
    const visit = newVisit();
    const patient = newPatient();
    const client = await harness.connect(patient);
    const gate = harness.core.hold('redeemGrant');
    const grant = await harness.issuer.mint(visit, patient);
    const welcomed = client.hello({ encounterId: visit.encounterId, grant });
    await harness.core.calls.find(
      ({ method, params }) => method === 'redeemGrant' && params.personId === patient.personId,
    );
    harness.core.publish({ type: 'admitted', encounterId: visit.encounterId, personId: patient.personId });
    gate.open();
    await welcomed;
    await client.request('ready', { rtpCapabilities: CAPABILITIES });
    await client.next('media.offer');
  });

  it('WAIT5: sending back closes the media on the node before it is told', async () => {
    const visit = newVisit();
    const host = await harness.provider(visit);
    const patient = await harness.patient(visit);
    const gate = harness.media.hold('closePeer');
    await host.client.request('sendBack', { personId: patient.who.personId });
    await harness.media.calls.find(({ method, params }) => method === 'closePeer' && params.roomId === visit.roomId);
    expect(await patient.client.outcome('chat', { clientMessageId: crypto.randomUUID(), text: 'x' })).toBe(
      'not_in_visit',
    );
    expect(patient.client.all('media.withdrawn')).toHaveLength(0);
    gate.open();
    await patient.client.next('media.withdrawn');
    expect(harness.media.peersOf(visit.roomId)).toEqual([host.who.personId]);
    await patient.client.next('room', (room) => room.you.presence === 'ready');
    await host.client.request('admit', { personId: patient.who.personId });
    await patient.client.next('media.offer', (offer) => offer.recv?.id !== patient.offer.recv?.id);
  });

  it('admits nobody who is not here, and admitting somebody who is in changes nothing', async () => {
    const visit = newVisit();
    const host = await harness.provider(visit);
    expect(await host.client.outcome('admit', { personId: newPatient().personId })).toBe('participant_unknown');
    const patient = await harness.patient(visit);
    await host.client.request('admit', { personId: patient.who.personId });
    await patient.client.request('media.resume', { consumerIds: ['none'] }).catch(() => undefined);
    expect(patient.client.all('media.offer')).toHaveLength(1);
  });
});
