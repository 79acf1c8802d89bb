import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { describe, expect, test } from 'vitest';
import type { VisitGrant } from './signaling/session.ts';
import { FakePlatform } from './testing/fake-platform.ts';
import { settle } from './testing/manual-timers.ts';
import { consumerOffer, ENCOUNTER, GRANT, ME, mediaOffer, OTHER, room, welcome } from './testing/samples.ts';
import { VisitClient } from './visit-client.ts';

const setUp = (grant: VisitGrant = GRANT) => {
  const platform = new FakePlatform();
  const phases: string[] = [];
  const visit = new VisitClient({ encounterId: ENCOUNTER, getGrant: async () => grant, platform });
  visit.on('change', ({ phase }) => {
    if (phase !== phases.at(-1)) phases.push(phase);
  });
  const greet = async (over: Parameters<typeof welcome>[1] = {}) => {
    await settle();
    platform.socket.open();
    platform.socket.answer('hello', welcome(1, over));
    await settle();
  };
  return { platform, visit, phases, greet };
};

const admitted = async ({ platform, visit, greet }: ReturnType<typeof setUp>) => {
  visit.open();
  await greet();
  visit.enter();
  await settle();
  platform.socket.answer('ready');
  platform.socket.event('room', room('admitted'));
  platform.socket.event('media.offer', mediaOffer(1, [consumerOffer('v', 'video')]));
  await settle();
};

describe('VisitClient', () => {
  test('WAIT1 goes from the device check through the waiting room into the visit', async () => {
    const all = setUp();
    const { platform, visit, phases, greet } = all;
    visit.open();
    await greet();
    expect(visit.state.connection).toBe('connected');
    visit.enter();
    await settle();
    expect(platform.socket.answer('ready')).toHaveProperty('rtpCapabilities.codecs');
    platform.socket.event('room', room('ready'));
    expect(phases).toEqual(['idle', 'device-check', 'waiting'].slice(phases[0] === 'idle' ? 0 : 1));
    platform.socket.event('room', room('admitted'));
    platform.socket.event('media.offer', mediaOffer(1, [consumerOffer('v', 'video')]));
    await settle();
    expect(visit.state).toMatchObject({ phase: 'in-visit', remote: [{ personId: OTHER }] });
  });

  test.each([
    ['udp', 'udp'],
    [undefined, 'blocked'],
  ] as const)('the network is looked at once, a second after the grant: %s is %s', async (over, found) => {
    const { platform, visit, greet } = setUp({
      ...GRANT,
      iceServers: [{ urls: ['turn:192.0.2.1:3478'], username: '1:grant', credential: 'secret' }],
    });
    platform.relayedOver = over;
    visit.open();
    await greet();
    expect(visit.state.network).toBeUndefined();
    await platform.timers.advance(1_000);
    expect(visit.state.network).toBe(found);
  });

  test('whoever comes in at once is not kept by a look at the network', async () => {
    const { platform, visit, greet } = setUp({ ...GRANT, iceServers: [{ urls: ['turn:192.0.2.1:3478'] }] });
    platform.relayedOver = 'udp';
    visit.open();
    await greet();
    visit.enter();
    await platform.timers.advance(1_000);
    expect(visit.state.network).toBeUndefined();
  });

  test('WAIT5 sent back: the media is gone and the waiting room is there again', async () => {
    const all = setUp();
    await admitted(all);
    all.platform.socket.event('media.withdrawn', {});
    all.platform.socket.event('room', room('ready'));
    expect(all.visit.state).toMatchObject({ phase: 'waiting', remote: [] });
  });

  test('SES3 a lost socket leaves picture, phase and thread alone', async () => {
    const all = setUp();
    await admitted(all);
    const { remote } = all.visit.state;
    all.platform.socket.drop(1006);
    expect(all.visit.state).toMatchObject({ phase: 'in-visit', connection: 'reconnecting' });
    await all.platform.timers.advance(250);
    await all.greet({ resumed: true, mediaEpoch: 1, room: room('admitted') });
    expect(all.visit.state.phase).toBe('in-visit');
    expect(all.visit.state.remote).toBe(remote);
  });

  test('a new session asks to come in again by itself, and the page stays where it was', async () => {
    const all = setUp();
    await admitted(all);
    all.phases.length = 0;
    all.platform.socket.drop(4404, 'resume_unknown');
    await all.greet();
    await settle();
    expect(all.platform.socket.answer('ready')).toHaveProperty('rtpCapabilities');
    all.platform.socket.event('room', room('admitted'));
    all.platform.socket.event('media.offer', mediaOffer(2));
    await settle();
    expect(all.phases).toEqual(['in-visit']);
  });

  test('without a known media server it asks again rather than come in without sound', async () => {
    const { platform, visit, greet } = setUp();
    visit.open();
    await greet({ routerRtpCapabilities: undefined });
    visit.enter();
    await settle();
    expect(platform.socket.sent.map(({ type }) => type)).not.toContain('ready');
    await platform.timers.advance(1_250);
    await greet();
    await settle();
    expect(platform.socket.answer('ready')).toHaveProperty('rtpCapabilities');
  });

  test('MED5 a mute by the host is told and shown', async () => {
    const all = setUp();
    const muted: unknown[] = [];
    all.visit.on('mutedByHost', (what) => muted.push(what));
    const track = new FakeMediaStreamTrack({ kind: 'audio' }) as unknown as MediaStreamTrack;
    all.visit.setLocal('microphone', { track, muted: false });
    await admitted(all);
    all.platform.socket.event('muted', { producerId: 'p', source: 'microphone', by: OTHER });
    expect(muted).toEqual([{ source: 'microphone', by: OTHER }]);
    expect(all.visit.state.local.microphone).toEqual({ track, muted: true });
  });

  test('CHAT1 what is written while the socket is away goes out when it is back', async () => {
    const all = setUp();
    await admitted(all);
    all.platform.socket.drop(1006);
    all.visit.sendChat('still here');
    await all.platform.timers.advance(250);
    await all.greet({ resumed: true, mediaEpoch: 1, room: room('admitted') });
    expect(all.platform.socket.answer('chat', { message: message() })).toMatchObject({ text: 'still here' });
    await settle();
    expect(all.visit.state.chat).toMatchObject({ messages: [{ seq: 1 }], outgoing: [] });
  });

  test('END1 the end is told once, and nothing keeps running', async () => {
    const all = setUp();
    await admitted(all);
    const ends: unknown[] = [];
    all.visit.on('ended', (end) => ends.push(end));
    all.platform.socket.event('ended', { reason: 'ended-by-host', at: '2030-01-01T10:00:00.000Z' });
    all.platform.socket.drop(4410, 'visit_over');
    await all.platform.timers.advance(60_000);
    expect(ends).toEqual([{ kind: 'ended', reason: 'ended-by-host' }]);
    expect(all.visit.state).toMatchObject({ phase: 'over', connection: 'closed', remote: [] });
    expect(all.platform.timers.pending).toBe(0);
  });
});

const message = () => ({
  id: '55555555-5555-4555-8555-555555555555',
  encounterId: ENCOUNTER,
  seq: 1,
  senderId: ME,
  clientMessageId: '66666666-6666-4666-8666-666666666666',
  text: 'still here',
  sentAt: '2030-01-01T10:00:00.000Z',
});
