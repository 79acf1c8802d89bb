import { describe, expect, test } from 'vitest';
import { makeFrame } from './capture-video.ts';
import {
  COUNTER_RANGE,
  decodeBits,
  encodeBits,
  FRAME_HEIGHT,
  FRAME_WIDTH,
  framesBetween,
  readFrame,
} from './frame-code.ts';

/** The luma plane as grey RGBA pixels, scaled down by taking every nth pixel. */
const pixelsOf = (planes: Uint8Array, step: number) => {
  const width = FRAME_WIDTH / step;
  const height = FRAME_HEIGHT / step;
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++)
      pixels.fill(planes[y * step * FRAME_WIDTH + x * step] ?? 0, (y * width + x) * 4, (y * width + x) * 4 + 3);
  }
  return { pixels, width, height };
};

describe('bits', () => {
  test('every person and counter comes back', () => {
    for (let person = 0; person < 4; person++) {
      for (let counter = 0; counter < COUNTER_RANGE; counter++) {
        expect(decodeBits(encodeBits({ person, counter }))).toEqual({ ok: true, person, counter });
      }
    }
  });

  test('one or two wrong blocks are noticed', () => {
    const bits = encodeBits({ person: 2, counter: 77 });
    for (let first = 0; first < 16; first++) {
      for (let second = first; second < 16; second++) {
        const spoilt = bits.map((bit, index) => (index === first || index === second ? !bit : bit));
        expect(decodeBits(spoilt).ok).toBe(false);
      }
    }
  });

  test('a black and a white picture are no frames', () => {
    expect(readFrame(new Uint8ClampedArray(160 * 90 * 4), 160, 90).ok).toBe(false);
    expect(readFrame(new Uint8ClampedArray(160 * 90 * 4).fill(255), 160, 90).ok).toBe(false);
  });

  test('neighbouring counters differ in one block of the number', () => {
    for (let counter = 0; counter < COUNTER_RANGE; counter++) {
      const here = encodeBits({ person: 0, counter }).slice(0, 10);
      const next = encodeBits({ person: 0, counter: counter + 1 }).slice(0, 10);
      expect(here.filter((bit, index) => bit !== next[index])).toHaveLength(1);
    }
  });
});

test.each([1, 2, 4])('a frame scaled down by %i is read, noise and all', (step) => {
  for (const counter of [0, 1, 59, 119]) {
    const { pixels, width, height } = pixelsOf(makeFrame({ person: 3, counter, frameCount: 120 }), step);
    const noisy = pixels.map((value, index) => value + ((index * 7919) % 81) - 40);
    expect(readFrame(noisy, width, height)).toEqual({ ok: true, person: 3, counter });
  }
});

test('frames are counted across the end of the video', () => {
  expect(framesBetween(118, 3, 120)).toBe(5);
  expect(framesBetween(3, 118, 120)).toBe(115);
});
