import { isErrorCode } from '@bedside/protocol';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserCapabilities, opus, Rig, someDtls, vp8 } from './support/rig.ts';

const SEED = 20_261_122;
const RUNS = 150;

let rig: Rig;
let pids: readonly number[];
beforeAll(async () => {
  rig = await Rig.start();
  pids = rig.server.workerPids;
});
afterAll(() => rig.close());

/** The worker is the same process, and all of it still works. */
const expectUnharmed = async (): Promise<void> => {
  const room = await rig.openRoom();
  const sender = await rig.openPeer(room);
  await rig.send('produce', { ...sender.address, source: 'camera', rtpParameters: vp8(), paused: false });
  await rig.send('produce', { ...sender.address, source: 'microphone', rtpParameters: opus(), paused: false });
  const receiver = await rig.openPeer(room);
  expect(receiver.offer.consumers).toHaveLength(2);
  await rig.send('connectTransport', {
    ...receiver.address,
    transportId: receiver.offer.recv?.id ?? '',
    dtlsParameters: someDtls(),
  });
  await rig.send('closeRoom', room);
  expect(rig.server.workerPids).toEqual(pids);
};

/** Values that break serializers: of other types, out of range, fractional, huge, odd. */
const nasty = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    -1,
    0,
    0.5,
    1.5,
    1e308,
    -1e308,
    2 ** 32,
    2 ** 53,
    '',
    'x',
    '\u0000',
    '\ud800',
    [],
    {},
    [[]],
    { ssrc: 'x' },
    { toString: 1 },
  ),
  fc.string({ maxLength: 300 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.jsonValue({ maxDepth: 2 }),
);

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
const isJsonObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every place in a value, as a path of keys. */
const placesOf = (value: unknown, path: readonly string[] = []): string[][] => [
  [...path],
  ...(typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, member]) => placesOf(member, [...path, key]))
    : []),
];

const replaced = (value: unknown, path: readonly string[], by: unknown): unknown => {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  if (Array.isArray(value))
    return value.map((member: unknown, index) => (String(index) === key ? replaced(member, rest, by) : member));
  return isJsonObject(value) ? { ...value, [key]: replaced(value[key], rest, by) } : value;
};

/** An honest value with one to three places changed. */
const mutated = (honest: () => unknown) =>
  fc.array(fc.tuple(fc.nat(), nasty), { minLength: 1, maxLength: 3 }).map((changes) =>
    changes.reduce<unknown>((value, [place, by]) => {
      const places = placesOf(value).filter((path) => path.length > 0);
      return places.length === 0 ? value : replaced(value, places[place % places.length] ?? [], by);
    }, honest()),
  );

const extra = fc.constantFrom<Record<string, Json>>(
  { encodings: [{ ssrc: 1, maxBitrate: 1.5 }] },
  { encodings: [{ ssrc: 7 }, { ssrc: 7 }] },
  { encodings: [{ rid: 'a' }, { rid: 'a' }] },
  { encodings: [{}, {}, {}] },
  { encodings: [{ ssrc: 9, rtx: { ssrc: 9 } }] },
  { encodings: [{ ssrc: 8, codecPayloadType: 12 }] },
  {
    encodings: [
      { ssrc: 4, scalabilityMode: 'S3T3_KEY' },
      { ssrc: 5, scalabilityMode: 'L1T1' },
    ],
  },
  { encodings: [{ ssrc: 6, scalabilityMode: 'L99999T99999' }] },
  { codecs: [{ mimeType: 'video/rtx', payloadType: 96, clockRate: 90_000, parameters: { apt: 96 } }] },
  {
    codecs: [
      { mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 },
      { mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 },
    ],
  },
  {
    codecs: [
      {
        mimeType: 'video/H264',
        payloadType: 96,
        clockRate: 90_000,
        parameters: { 'profile-level-id': 'zzzzzz', 'packetization-mode': 1 },
      },
    ],
  },
  { codecs: [{ mimeType: 'video/VP9', payloadType: 96, clockRate: 90_000, parameters: { 'profile-id': '2' } }] },
  {
    headerExtensions: [
      { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 1 },
      { uri: 'urn:ietf:params:rtp-hdrext:toffset', id: 1 },
    ],
  },
  { headerExtensions: [{ uri: 'urn:nobody', id: 14 }] },
  { rtcp: { cname: 7 } },
  { mid: '123456789' },
);

const send = async (command: 'produce' | 'openPeer' | 'connectTransport', params: unknown): Promise<void> => {
  try {
    // What a stranger sends has any shape; the bus is where it is parsed.
    await rig.sendAnything(command, params);
  } catch (error) {
    expect(error).toMatchObject({ name: 'AppError' });
    const code = isJsonObject(error) ? error.code : undefined;
    expect(isErrorCode(code)).toBe(true);
    expect(code).not.toBe('internal');
    expect(code).not.toBe('media_unavailable');
  }
};

describe('parameters of a hostile client', () => {
  it('MED8 produce answers a code and harms nobody', { timeout: 60_000 }, async () => {
    const room = await rig.openRoom();
    const hostile = fc.oneof(
      mutated(vp8),
      mutated(opus),
      extra.map((fields) => ({ ...vp8(), ...fields })),
    );
    await fc.assert(
      fc.asyncProperty(hostile, fc.constantFrom('camera', 'microphone', 'screen'), async (rtpParameters, source) => {
        const { address } = await rig.openPeer(room);
        await send('produce', { ...address, source, rtpParameters, paused: false });
        // Somebody else has to be able to take up whatever was accepted.
        const other = await rig.openPeer(room);
        await rig.send('closePeer', other.address);
        await rig.send('closePeer', address);
      }),
      { seed: SEED, numRuns: RUNS },
    );
    await expectUnharmed();
  });

  it('MED8 a fractional bitrate does not spoil the worker for other rooms', async () => {
    const { address } = await rig.openPeer(await rig.openRoom());
    const rtpParameters = { ...vp8(), encodings: [{ ssrc: 1, maxBitrate: 1.5 }] };
    expect(await rig.codeOf('produce', { ...address, source: 'camera', rtpParameters, paused: false })).toBe(
      'media_refused',
    );
    await expectUnharmed();
  });

  it('MED8 openPeer answers a code and harms nobody', { timeout: 60_000 }, async () => {
    const room = await rig.openRoom();
    const sender = await rig.openPeer(room);
    await rig.send('produce', { ...sender.address, source: 'camera', rtpParameters: vp8(), paused: false });
    await rig.send('produce', { ...sender.address, source: 'microphone', rtpParameters: opus(), paused: false });
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutated(browserCapabilities), nasty), async (rtpCapabilities) => {
        const peer = { ...room, peerId: 'hostile', personId: sender.personId };
        await send('openPeer', { ...peer, rtpCapabilities, publish: ['camera'], subscribe: true });
      }),
      { seed: SEED, numRuns: RUNS },
    );
    await expectUnharmed();
  });

  it('MED8 connectTransport answers a code and harms nobody', { timeout: 60_000 }, async () => {
    const room = await rig.openRoom();
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutated(someDtls), nasty), async (dtlsParameters) => {
        const { address, offer } = await rig.openPeer(room);
        await send('connectTransport', { ...address, transportId: offer.send?.id, dtlsParameters });
        await rig.send('closePeer', address);
      }),
      { seed: SEED, numRuns: RUNS },
    );
    await expectUnharmed();
  });
});
