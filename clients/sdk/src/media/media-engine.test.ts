import type { ConsumerId, RequestType } from '@bedside/protocol';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { describe, expect, test } from 'vitest';
import { VisitError } from '../errors.ts';
import { FakePlatform } from '../testing/fake-platform.ts';
import { settle } from '../testing/manual-timers.ts';
import { consumerOffer, mediaOffer, OTHER } from '../testing/samples.ts';
import { MediaEngine } from './media-engine.ts';
import type { Request } from './publisher.ts';

interface Call {
  type: RequestType;
  data: { source?: string; paused?: boolean; transportId?: string; consumerIds?: string[]; producerId?: string };
  resolve(result: unknown): void;
  reject(error: VisitError): void;
}

const setUp = () => {
  const platform = new FakePlatform();
  const calls: Call[] = [];
  const request = ((type: RequestType, data: Call['data']) =>
    new Promise((resolve, reject) => calls.push({ type, data, resolve, reject }))) as unknown as Request;
  const engine = new MediaEngine({ request, platform });
  const told = { remote: [] as readonly { personId: string; sources: object }[], lost: 0, failed: [] as string[] };
  engine.on('remote', (remote) => {
    told.remote = remote;
  });
  engine.on('lost', () => {
    told.lost += 1;
  });
  engine.on('failed', ({ code }) => told.failed.push(code));
  const types = () => calls.map(({ type }) => type);
  const last = (type: RequestType): Call => {
    const call = calls.findLast((one) => one.type === type);
    if (!call) throw new Error(`no ${type}`);
    return call;
  };
  return { platform, engine, calls, types, last, told };
};

const track = (kind: 'audio' | 'video'): MediaStreamTrack =>
  new FakeMediaStreamTrack({ kind }) as unknown as MediaStreamTrack;
const consumerId = (id: string) => id as ConsumerId;

describe('MediaEngine', () => {
  test('MED2 asks for everything at once: consumers flow and both sources go out without waiting for an answer', async () => {
    const { engine, calls, types, last, told } = setUp();
    engine.setLocal('microphone', { track: track('audio'), muted: false });
    engine.setLocal('camera', { track: track('video'), muted: false });
    await engine.take(mediaOffer(1, [consumerOffer('a', 'audio'), consumerOffer('v', 'video')]));
    await settle();
    expect(types()[0]).toBe('media.resume');
    expect(last('media.resume').data.consumerIds).toEqual(['a', 'v']);
    expect(types().filter((type) => type === 'media.connect')).toHaveLength(2);
    expect(calls.filter(({ type }) => type === 'media.produce').map(({ data }) => data.source)).toEqual([
      'microphone',
      'camera',
    ]);
    expect(told.remote).toMatchObject([
      { personId: OTHER, sources: { microphone: { paused: false }, camera: { paused: false } } },
    ]);
  });

  test('MED4 a stream that begins later flows only once this side can take it', async () => {
    const { engine, types } = setUp();
    await engine.take(mediaOffer(1));
    engine.addConsumer(consumerOffer('v', 'video'));
    expect(types()).not.toContain('media.resume');
    await settle();
    expect(types().at(-1)).toBe('media.resume');
  });

  test('holds what comes for an offer whose device is still loading, in order', async () => {
    const { engine, told } = setUp();
    const taking = engine.take(mediaOffer(1));
    engine.addConsumer(consumerOffer('v', 'video'));
    engine.addConsumer(consumerOffer('a', 'audio'));
    engine.pauseConsumer(consumerId('v'), true);
    engine.removeConsumer(consumerId('a'));
    await taking;
    await settle();
    expect(told.remote).toMatchObject([{ sources: { camera: { paused: true } } }]);
    expect(told.remote[0]?.sources).not.toHaveProperty('microphone');
  });

  test('MED6 a new epoch drops what was and sends the same tracks again', async () => {
    const { engine, calls, told } = setUp();
    const microphone = track('audio');
    engine.setLocal('microphone', { track: microphone, muted: false });
    await engine.take(mediaOffer(1, [consumerOffer('a', 'audio')]));
    await settle();
    const before = calls.length;
    await engine.take(mediaOffer(2));
    await settle();
    expect(told.remote).toEqual([]);
    expect(engine.epoch).toBe(2);
    expect(calls.slice(before).map(({ type }) => type)).toContain('media.produce');
    expect(microphone.readyState).toBe('live');
  });

  test('an older offer whose device loads late builds nothing', async () => {
    const { engine, calls } = setUp();
    const older = engine.take(mediaOffer(1, [consumerOffer('old', 'audio')]));
    const newer = engine.take(mediaOffer(2, [consumerOffer('new', 'audio')]));
    await Promise.all([older, newer]);
    expect(engine.epoch).toBe(2);
    expect(calls.filter(({ type }) => type === 'media.resume').map(({ data }) => data.consumerIds)).toEqual([['new']]);
  });

  test('WAIT5 withdrawn media is gone, the tracks stay', async () => {
    const { engine, told } = setUp();
    const microphone = track('audio');
    engine.setLocal('microphone', { track: microphone, muted: false });
    await engine.take(mediaOffer(1, [consumerOffer('a', 'audio')]));
    await settle();
    engine.withdraw();
    expect(engine.status).toBe('none');
    expect(told.remote).toEqual([]);
    expect(microphone.readyState).toBe('live');
  });

  test('a source that is muted from the start is told to be paused, and taken up later', async () => {
    const { engine, last, types } = setUp();
    const microphone = track('audio');
    engine.setLocal('microphone', { track: microphone, muted: true });
    await engine.take(mediaOffer(1));
    await settle();
    expect(last('media.produce').data).toMatchObject({ source: 'microphone', paused: true });
    engine.setLocal('microphone', { track: microphone, muted: false });
    await settle();
    expect(types()).not.toContain('media.pause');
    last('media.produce').resolve({ producerId: 'p1' });
    await settle();
    expect(last('media.pause').data).toEqual({ producerId: 'p1', paused: false });
  });

  test('another device takes over without a new producer', async () => {
    const { engine, types } = setUp();
    engine.setLocal('camera', { track: track('video'), muted: false });
    await engine.take(mediaOffer(1));
    await settle();
    engine.setLocal('camera', { track: track('video'), muted: false });
    await settle();
    expect(types().filter((type) => type === 'media.produce')).toHaveLength(1);
  });

  test('MED5 a mute by the host is followed without telling the server, and only this side takes it up', async () => {
    const { engine, last, types } = setUp();
    const microphone = track('audio');
    engine.setLocal('microphone', { track: microphone, muted: false });
    await engine.take(mediaOffer(1));
    await settle();
    last('media.produce').resolve({ producerId: 'p1' });
    await settle();
    engine.mutedByHost('microphone');
    await settle();
    expect(types()).not.toContain('media.pause');
    expect(microphone.enabled).toBe(false);
    engine.setLocal('microphone', { track: microphone, muted: false });
    await settle();
    expect(last('media.pause').data).toEqual({ producerId: 'p1', paused: false });
  });

  test('after a resume in the same epoch it tells again what is muted, and negotiates nothing', async () => {
    const { engine, calls, last } = setUp();
    engine.setLocal('microphone', { track: track('audio'), muted: false });
    await engine.take(mediaOffer(1));
    await settle();
    last('media.produce').resolve({ producerId: 'p1' });
    await settle();
    const before = calls.length;
    expect(engine.resumed(1)).toBe(true);
    await settle();
    expect(calls.slice(before)).toMatchObject([{ type: 'media.pause', data: { producerId: 'p1', paused: false } }]);
  });

  test('a set-up whose answer was lost with the socket is not trusted after the resume', async () => {
    const { engine, last } = setUp();
    engine.setLocal('microphone', { track: track('audio'), muted: false });
    await engine.take(mediaOffer(1));
    await settle();
    last('media.produce').reject(new VisitError('connection_lost'));
    await settle();
    expect(engine.resumed(1)).toBe(false);
  });

  test('a resume into another epoch drops what is here', async () => {
    const { engine } = setUp();
    await engine.take(mediaOffer(1));
    expect(engine.resumed(2)).toBe(false);
    expect(engine.epoch).toBeUndefined();
    expect(engine.resumed(undefined)).toBe(true);
  });

  test('one refused stream leaves the others alone', async () => {
    const { engine, last, told } = setUp();
    engine.setLocal('camera', { track: track('video'), muted: false });
    await engine.take(mediaOffer(1));
    await settle();
    last('media.produce').reject(new VisitError('media_limit'));
    await settle();
    expect(told.failed).toEqual(['media_limit']);
    expect(told.lost).toBe(0);
  });

  test('a transport that the server does not take means that the media has to be built anew', async () => {
    const { engine, calls, told } = setUp();
    engine.setLocal('microphone', { track: track('audio'), muted: false });
    await engine.take(mediaOffer(1));
    await settle();
    calls.find(({ type }) => type === 'media.connect')?.reject(new VisitError('media_object_unknown'));
    await settle();
    expect(told.lost).toBe(1);
  });
});
