import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CAPABILITIES, DTLS, PARAMETERS } from './support/fake-media-node.ts';
import { Harness, type Joined, newPatient, newProvider, newVisit, ORIGIN } from './support/harness.ts';
import type { TestPerson, TestVisit } from './support/issuer.ts';
import { TestClient } from './support/test-client.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness[Symbol.asyncDispose]());

const resumeOf = (visit: TestVisit, { sessionId, resumeToken }: { sessionId: string; resumeToken: string }) => ({
  encounterId: visit.encounterId,
  resume: { sessionId, token: resumeToken },
});

/** Takes up a session on a new socket. */
const resume = async (
  own: Harness,
  visit: TestVisit,
  who: TestPerson,
  welcome: { sessionId: string; resumeToken: string },
) => {
  const client = await own.connect(who);
  return { client, welcome: await client.hello(resumeOf(visit, welcome)) };
};

/** What every client does with an offer: it shows that the offer has arrived. */
const use = async ({ client, offer }: Joined) => {
  await client.request('media.connect', { transportId: offer.recv?.id, dtlsParameters: DTLS });
};

describe('sessions', () => {
  it('SES1: a first request that is no hello closes with 4400 hello_required', async () => {
    for (const type of ['ready', 'leave', 'chat', 'fly']) {
      const client = await harness.connect(newPatient());
      expect(await client.outcome(type)).toBe('hello_required');
      expect(await client.closed).toEqual({ code: 4400, reason: 'hello_required' });
    }
  });

  it('SES1: no hello in time closes with 4408, and hellos that come to nothing buy no time', async () => {
    await using own = await Harness.start({ timings: { helloTimeoutMs: 60 } });
    const silent = await own.connect(newPatient());
    expect(await silent.closed).toEqual({ code: 4408, reason: 'hello_timeout' });
    const busy = await own.connect(newPatient());
    const trying = (async () => {
      while ((await busy.outcome('hello', {}).catch(() => 'closed')) === 'message_invalid')
        await new Promise(setImmediate);
    })();
    expect([4408, 4429]).toContain((await busy.closed).code);
    await trying;
  });

  it('SES2: a second hello is answered message_out_of_order', async () => {
    const visit = newVisit();
    const patient = newPatient();
    const { client } = await harness.enter(visit, patient);
    const grant = await harness.issuer.mint(visit, patient);
    expect(await client.outcome('hello', { encounterId: visit.encounterId, grant })).toBe('message_out_of_order');
    expect((await harness.enter(visit, newPatient())).welcome.resumed).toBe(false);
  });

  it('SES3: a lost socket is resumed; presence and media stay, and connected is false meanwhile', async () => {
    const visit = newVisit();
    const host = await harness.provider(visit);
    const patient = await harness.patient(visit);
    await use(patient);
    patient.client.cut();
    const away = await host.client.next('room', (room) => room.others[0]?.connected === false);
    expect(away.others[0]).toMatchObject({ presence: 'admitted' });
    const from = host.client.events.items.length;
    const back = await resume(harness, visit, patient.who, patient.welcome);
    expect(back.welcome).toMatchObject({
      resumed: true,
      sessionId: patient.welcome.sessionId,
      mediaEpoch: patient.offer.epoch,
    });
    expect(back.welcome.room.you).toMatchObject({ presence: 'admitted', connected: true });
    await host.client.next('room', (room) => room.others[0]?.connected === true, from);
    await back.client.request('media.connect', { transportId: patient.offer.send?.id, dtlsParameters: DTLS });
    expect(back.client.all('media.offer')).toHaveLength(0);
    expect(
      harness.media.calls.count(({ method, params }) => method === 'closePeer' && params.roomId === visit.roomId),
    ).toBe(0);
  });

  it('SES3: what the client missed while it was away is told after the welcome', async () => {
    const visit = newVisit();
    const host = await harness.provider(visit);
    await use(host);
    const known = await harness.patient(visit);
    await known.client.request('media.produce', { source: 'camera', rtpParameters: PARAMETERS, paused: false });
    const seen = await host.client.next('media.consumer');
    await host.client.request('media.resume', { consumerIds: [seen.id] });
    const { producerId } = await host.client.request('media.produce', {
      source: 'microphone',
      rtpParameters: PARAMETERS,
      paused: false,
    });
    host.client.cut();
    await known.client.next('room', (room) => room.others[0]?.connected === false);

    await known.client.request('media.produce', { source: 'microphone', rtpParameters: PARAMETERS, paused: true });
    await known.client.request('chat', { clientMessageId: randomUUID(), text: 'while you were away' });
    const second = await harness.provider(visit);
    await second.client.request('mute', { personId: host.who.personId, source: 'microphone' });
    const back = await resume(harness, visit, host.who, host.welcome);
    expect(back.welcome.messages.map(({ text }) => text)).toEqual(['while you were away']);
    expect(await back.client.next('media.consumer')).toMatchObject({ source: 'microphone', producerPaused: true });
    expect(await back.client.next('media.consumerPaused')).toEqual({ consumerId: seen.id, paused: false });
    expect(await back.client.next('muted')).toEqual({ producerId, source: 'microphone', by: second.who.personId });
  });

  it('SES3: an offer that the client never used is made anew on resume', async () => {
    const visit = newVisit();
    const patient = await harness.patient(visit);
    patient.client.cut();
    const back = await resume(harness, visit, patient.who, patient.welcome);
    expect(back.welcome.mediaEpoch).toBeUndefined();
    const offer = await back.client.next('media.offer');
    expect(offer.recv?.id).not.toBe(patient.offer.recv?.id);
    await harness.media.calls.find(({ method, params }) => method === 'closePeer' && params.roomId === visit.roomId);
    expect(harness.media.peersOf(visit.roomId)).toEqual([patient.who.personId]);
  });

  it('SES4: each resume gives a new token, the old one is dead, and unknown ones close with 4404', async () => {
    const visit = newVisit();
    const patient = newPatient();
    const { welcome } = await harness.enter(visit, patient);
    const back = await resume(harness, visit, patient, welcome);
    expect(back.welcome.resumeToken).not.toBe(welcome.resumeToken);
    const wrong = [
      resumeOf(visit, welcome),
      resumeOf(visit, { ...back.welcome, resumeToken: 'x'.repeat(43) }),
      resumeOf(visit, { ...back.welcome, sessionId: randomUUID() }),
      resumeOf(newVisit(), back.welcome),
    ];
    for (const params of wrong) {
      const client = await harness.connect(patient);
      expect(await client.outcome('hello', params)).toBe('resume_unknown');
      expect(await client.closed).toEqual({ code: 4404, reason: 'resume_unknown' });
    }
    const thief = await harness.connect({ ...patient, cookie: 'another browser' });
    expect(await thief.outcome('hello', resumeOf(visit, back.welcome))).toBe('resume_unknown');
    expect((await resume(harness, visit, patient, back.welcome)).welcome.resumed).toBe(true);
  });

  it('SES4: a resume with the socket still open replaces the older socket with 4409', async () => {
    const visit = newVisit();
    const patient = await harness.patient(visit);
    await use(patient);
    const back = await resume(harness, visit, patient.who, patient.welcome);
    expect(await patient.client.closed).toEqual({ code: 4409, reason: 'session_replaced' });
    expect(back.welcome.mediaEpoch).toBe(patient.offer.epoch);
    await back.client.request('media.restartIce', { transportId: patient.offer.recv?.id });
  });

  it('SES5: a new session of a person closes the older one with 4409 session_replaced', async () => {
    const visit = newVisit();
    const patient = newPatient();
    const older = await harness.enter(visit, patient);
    const newer = await harness.enter(visit, patient);
    expect(await older.client.closed).toEqual({ code: 4409, reason: 'session_replaced' });
    const host = await harness.enter(visit, newProvider());
    expect(host.welcome.room.others).toHaveLength(1);
    const late = await harness.connect(patient);
    expect(await late.outcome('hello', resumeOf(visit, older.welcome))).toBe('resume_unknown');
    await newer.client.request('ready', { rtpCapabilities: CAPABILITIES });
  });

  it('SES6: two unanswered pings close with 4431, and the resume window begins', async () => {
    await using own = await Harness.start({ timings: { pingIntervalMs: 500, closeTimeoutMs: 1_000 } });
    const visit = newVisit();
    const patient = newPatient();
    const silent = await own.connect(patient, { autoPong: false });
    const grant = await own.issuer.mint(visit, patient);
    const welcome = await silent.hello({ encounterId: visit.encounterId, grant });
    const host = await own.enter(visit, newProvider());
    expect(await silent.closed).toEqual({ code: 4431, reason: 'heartbeat_lost' });
    await host.client.next('room', (room) => room.others[0]?.connected === false);
    expect((await resume(own, visit, patient, welcome)).welcome.resumed).toBe(true);
    expect(host.client.socket.readyState).toBe(1);
  });

  it('SES10: a ping is answered in any presence, and is no hello', async () => {
    const visit = newVisit();
    const { client } = await harness.enter(visit, newPatient());
    expect(await client.outcome('ping')).toBe('ok');
    expect(await client.outcome('ping', { surprise: 1 })).toBe('message_invalid');
    expect(await (await harness.connect(newPatient())).outcome('ping')).toBe('hello_required');
  });

  it('SES7: when the window has passed the person is absent, their media closed, and the token late', async () => {
    await using own = await Harness.start({ timings: { resumeWindowMs: 40 } });
    const visit = newVisit();
    const host = await own.provider(visit);
    const patient = await own.patient(visit);
    patient.client.cut();
    await host.client.next('room', (room) => room.others.length === 0, host.client.events.items.length);
    await own.core.calls.find(({ method, params }) => method === 'setPresence' && params.presence === 'absent');
    await own.media.calls.find(({ method }) => method === 'closePeer');
    const late = await own.connect(patient.who);
    expect(await late.outcome('hello', resumeOf(visit, patient.welcome))).toBe('resume_unknown');
  });

  it('SES7: leave closes the media, tells core, answers and closes with 1000', async () => {
    const visit = newVisit();
    const host = await harness.provider(visit);
    const patient = await harness.patient(visit);
    await patient.client.request('leave');
    expect((await patient.client.closed).code).toBe(1000);
    await host.client.next('room', (room) => room.others.length === 0, host.client.events.items.length - 1);
    await harness.core.calls.find(
      ({ method, params }) => method === 'leave' && params.personId === patient.who.personId,
    );
    await harness.media.calls.find(({ method, params }) => method === 'closePeer' && params.roomId === visit.roomId);
    const late = await harness.connect(patient.who);
    expect(await late.outcome('hello', resumeOf(visit, patient.welcome))).toBe('resume_unknown');
  });

  it('SES7: core hears that somebody left even when it did not answer at first', async () => {
    await using own = await Harness.start();
    const patient = await own.patient(newVisit());
    own.core.refuse('leave', 'unavailable');
    await patient.client.request('leave');
    await own.core.calls.find(({ method }) => method === 'leave');
    own.core.refuse('leave', undefined);
    await own.core.calls.find(({ method }) => method === 'leave', own.core.calls.items.length);
  });
});

describe('connections', () => {
  const upgrade = (own: Harness, options: { origin?: string; path?: string; protocols?: string[] }) =>
    TestClient.connect(own.url.replace('/signal', options.path ?? '/signal'), {
      protocols: ['bedside.v1'],
      ...options,
    });

  it('SES8: another origin, and none, is refused with HTTP 403 before the upgrade', async () => {
    for (const origin of ['https://evil.test', `${ORIGIN}.evil.test`, 'null', `${ORIGIN}:444`, 'http://clinic.test']) {
      await expect(upgrade(harness, { origin })).rejects.toThrow('HTTP 403');
    }
    await expect(upgrade(harness, {})).rejects.toThrow('HTTP 403');
  });

  it('refuses other paths and connections without the subprotocol', async () => {
    await expect(upgrade(harness, { origin: ORIGIN, path: '/signals' })).rejects.toThrow('HTTP 404');
    await expect(upgrade(harness, { origin: ORIGIN, protocols: [] })).rejects.toThrow('HTTP 400');
    await expect(upgrade(harness, { origin: ORIGIN, protocols: ['bedside.v2'] })).rejects.toThrow('HTTP 400');
    const client = await upgrade(harness, { origin: ORIGIN, protocols: ['other', 'bedside.v1'] });
    expect(client.socket.protocol).toBe('bedside.v1');
    client.cut();
  });

  it('refuses a handshake that is none without keeping its socket', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      origin: ORIGIN,
      'sec-websocket-protocol': 'bedside.v1',
    };
    const sent = request({ host: '127.0.0.1', port: harness.port, path: '/signal', headers });
    sent.on('error', () => resolve());
    sent.on('response', () => resolve());
    sent.end();
    await promise;
  });

  it('refuses more connections than it takes with 503, and more of one address with 429', async () => {
    await using few = await Harness.start({ limits: { connections: 2 } });
    const first = await few.connect();
    await few.connect();
    await expect(few.connect()).rejects.toThrow('HTTP 503');
    first.cut();
    await first.closed;
    await using lonely = await Harness.start({ limits: { connectionsPerAddress: 1 } });
    await lonely.connect();
    await expect(lonely.connect()).rejects.toThrow('HTTP 429');
  });

  it('closes with 1013 server_busy when a room is full', async () => {
    await using own = await Harness.start({ limits: { participantsPerRoom: 1 } });
    const visit = newVisit();
    await own.enter(visit, newPatient());
    const second = newPatient();
    const client = await own.connect(second);
    const grant = await own.issuer.mint(visit, second);
    expect(await client.outcome('hello', { encounterId: visit.encounterId, grant })).toBe('server_busy');
    expect((await client.closed).code).toBe(1013);
  });

  it('drains: everybody is told server_draining with 1012, media is closed, new connections are refused', async () => {
    const own = await Harness.start();
    const visit = newVisit();
    const patient = await own.patient(visit);
    expect((await own.health.report()).checks).toEqual({ media: 'ok', signaling: 'ok' });
    const closing = own.signaling.close();
    await expect(own.connect()).rejects.toThrow('HTTP 503');
    expect(await patient.client.closed).toEqual({ code: 1012, reason: 'server_draining' });
    await closing;
    await own.signaling.close();
    expect(own.media.rooms.size).toBe(0);
    expect((await own.health.report()).checks).toEqual({});
    await own[Symbol.asyncDispose]();
  });
});
