import { expect, test } from 'vitest';
import { makeTone } from './capture-audio.ts';

test('is a WAV of one second whose end meets its beginning', () => {
  const wav = makeTone(440);
  expect(wav.toString('latin1', 0, 4) + wav.toString('latin1', 8, 12)).toBe('RIFFWAVE');
  expect(wav.readUInt32LE(40)).toBe(96_000);
  expect(Math.abs(wav.readInt16LE(44) - wav.readInt16LE(wav.length - 2))).toBeLessThan(200);
});

test('swells and holds the tone asked for', () => {
  const wav = makeTone(880);
  let crossings = 0;
  for (let at = 46; at < wav.length; at += 2)
    if (wav.readInt16LE(at - 2) < 0 && wav.readInt16LE(at) >= 0) crossings += 1;
  expect(Math.abs(crossings - 880)).toBeLessThanOrEqual(1);
});
