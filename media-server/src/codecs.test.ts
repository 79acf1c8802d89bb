import { expect, it } from 'vitest';
import { routerCodecs, routerRtpCapabilities } from './codecs.ts';

it('offers Opus, and VP8 before H264 before VP9 and AV1, each video codec with RTX', () => {
  const names = routerRtpCapabilities.codecs.map(({ mimeType }) => mimeType.split('/')[1]);
  expect(names).toEqual(['opus', 'VP8', 'rtx', 'H264', 'rtx', 'VP9', 'rtx', 'AV1', 'rtx']);
});

it('asks for in-band FEC, DTX and NACK of Opus', () => {
  expect(routerRtpCapabilities.codecs[0]).toMatchObject({
    parameters: { useinbandfec: 1, usedtx: 1 },
    rtcpFeedback: expect.arrayContaining([expect.objectContaining({ type: 'nack' })]),
  });
});

it('gives constrained baseline H264 in packetization mode 1', () => {
  expect(routerRtpCapabilities.codecs.find(({ mimeType }) => mimeType === 'video/H264')).toMatchObject({
    parameters: { 'profile-level-id': '42e01f', 'packetization-mode': 1, 'level-asymmetry-allowed': 1 },
  });
});

it('gives a fresh copy each time', () => {
  const [first] = routerCodecs();
  if (first !== undefined) first.clockRate = 1;
  expect(routerCodecs()[0]?.clockRate).toBe(48_000);
});
