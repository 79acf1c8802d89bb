const SAMPLE_RATE_HZ = 48_000;
const HEADER_BYTES = 44;

/**
 * A mono WAV of one second that joins its own beginning without a click. The tone swells four times a second as speech
 * does: a steady one is noise to a browser's noise suppression, which takes it away.
 */
export const makeTone = (frequencyHz: number): Buffer => {
  const wav = Buffer.alloc(HEADER_BYTES + SAMPLE_RATE_HZ * 2);
  wav.write('RIFF', 0, 'latin1');
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write('WAVEfmt ', 8, 'latin1');
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(SAMPLE_RATE_HZ, 24);
  wav.writeUInt32LE(SAMPLE_RATE_HZ * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36, 'latin1');
  wav.writeUInt32LE(SAMPLE_RATE_HZ * 2, 40);
  for (let sample = 0; sample < SAMPLE_RATE_HZ; sample++) {
    const seconds = sample / SAMPLE_RATE_HZ;
    const swell = 0.55 - 0.45 * Math.cos(2 * Math.PI * 4 * seconds);
    const value = 0.6 * swell * Math.sin(2 * Math.PI * Math.round(frequencyHz) * seconds);
    wav.writeInt16LE(Math.round(value * 32_767), HEADER_BYTES + sample * 2);
  }
  return wav;
};
