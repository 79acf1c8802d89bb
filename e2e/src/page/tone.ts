export interface ToneReading {
  /** Of the loudest part of the sound; right to 12 Hz. */
  readonly frequencyHz: number;
  /** Its level in dB of full scale; silence is -100 or less. */
  readonly levelDb: number;
}

/** The loudest tone of a stream within `durationMs`. A remote stream must also play in an element to be heard here. */
export const listenForTone = async (stream: MediaStream, durationMs: number): Promise<ToneReading> => {
  const audio = new AudioContext({ sampleRate: 48_000 });
  try {
    await audio.resume();
    const analyser = new AnalyserNode(audio, { fftSize: 4096, smoothingTimeConstant: 0 });
    audio.createMediaStreamSource(stream).connect(analyser);
    const levels = new Float32Array(analyser.frequencyBinCount);
    let loudest: ToneReading = { frequencyHz: 0, levelDb: Number.NEGATIVE_INFINITY };
    const end = performance.now() + durationMs;
    while (performance.now() < end) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      analyser.getFloatFrequencyData(levels);
      levels.forEach((levelDb, bin) => {
        if (levelDb > loudest.levelDb) loudest = { frequencyHz: (bin * audio.sampleRate) / analyser.fftSize, levelDb };
      });
    }
    return { frequencyHz: loudest.frequencyHz, levelDb: Math.max(-200, loudest.levelDb) };
  } finally {
    await audio.close();
  }
};
