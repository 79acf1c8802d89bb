import { describe, expect, test } from 'vitest';
import { ManualTimers } from '../testing/manual-timers.ts';
import { cameraEncodings, chooseVideoCodec } from './encodings.ts';
import { loudness } from './level-meter.ts';
import { captureErrorCode } from './local-media.ts';
import { qualityBetween, samplePath } from './quality.ts';
import { QualityMonitor } from './quality-monitor.ts';

const sample = (packetsReceived: number, packetsLost: number, roundTripMs?: number) => ({
  packetsReceived,
  packetsLost,
  roundTripMs,
});

describe('quality of the path', () => {
  test('is read from inbound streams and the pair in use', () => {
    const report = new Map<string, unknown>([
      ['a', { type: 'inbound-rtp', packetsReceived: 90, packetsLost: 10 }],
      ['b', { type: 'inbound-rtp', packetsReceived: 10, packetsLost: -2 }],
      ['c', { type: 'candidate-pair', state: 'succeeded', currentRoundTripTime: 0.2 }],
      ['d', { type: 'candidate-pair', state: 'failed', currentRoundTripTime: 9 }],
    ]);
    expect(samplePath([report])).toEqual(sample(100, 10, 200));
  });

  test.each([
    [sample(0, 0), sample(100, 2, 50), 'good'],
    [sample(0, 0), sample(90, 10, 50), 'weak'],
    [sample(0, 0), sample(5, 5, 50), 'good'],
    [sample(0, 0), sample(100, 0, 900), 'weak'],
    [sample(100, 50), sample(10, 0, 50), 'good'],
  ] as const)('%o → %o is %s', (before, after, quality) => {
    expect(qualityBetween(before, after)).toBe(quality);
  });

  test('changes only after two findings in a row, and is good again when watching stops', async () => {
    const timers = new ManualTimers();
    const told: string[] = [];
    let lost = 0;
    let received = 0;
    const monitor = new QualityMonitor({
      timers,
      getStats: async () => {
        received += 100;
        return [
          new Map<string, unknown>([['a', { type: 'inbound-rtp', packetsReceived: received, packetsLost: lost }]]),
        ];
      },
      changed: (quality) => told.push(quality),
    });
    monitor.start();
    await timers.advance(4_000);
    lost += 50;
    await timers.advance(4_000);
    await timers.advance(4_000);
    expect(told).toEqual([]);
    lost += 50;
    await timers.advance(4_000);
    lost += 50;
    await timers.advance(4_000);
    expect(told).toEqual(['weak']);
    monitor.stop();
    expect(told).toEqual(['weak', 'good']);
    expect(timers.pending).toBe(0);
  });
});

describe('what is sent', () => {
  test.each([
    [720, [4, 2, 1]],
    [360, [2, 1]],
    [240, [1]],
  ])('a camera of %i lines is sent in layers %o', (height, scales) => {
    expect(cameraEncodings(height).map(({ scaleResolutionDownBy }) => scaleResolutionDownBy)).toEqual(scales);
  });

  test('prefers VP8, then H264', () => {
    const codec = (mimeType: string) => ({
      kind: 'video' as const,
      mimeType,
      clockRate: 90_000,
      preferredPayloadType: 96,
    });
    expect(chooseVideoCodec([codec('video/H264'), codec('video/VP8')])?.mimeType).toBe('video/VP8');
    expect(chooseVideoCodec([codec('video/AV1'), codec('video/h264')])?.mimeType).toBe('video/h264');
    expect(chooseVideoCodec(undefined)).toBeUndefined();
  });
});

describe('what is captured', () => {
  test.each([
    ['NotAllowedError', 'camera_refused'],
    ['NotFoundError', 'camera_missing'],
    ['OverconstrainedError', 'camera_missing'],
    ['NotReadableError', 'camera_busy'],
    ['AbortError', 'camera_failed'],
  ])('%s means %s', (name, code) => {
    expect(captureErrorCode('camera', new DOMException('', name))).toBe(code);
  });

  test('loudness runs from silence to full scale', () => {
    expect(loudness(new Float32Array(8))).toBe(0);
    expect(loudness(new Float32Array(8).fill(1))).toBe(1);
    expect(loudness(new Float32Array(8).fill(0.1))).toBeCloseTo(2 / 3, 5);
  });
});
