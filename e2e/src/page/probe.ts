/** Runs inside the pages under test, as `window.bedsideProbe`; see `probe-script.ts` for how it gets there. */
import { type FrameReading, readFrame } from '../frame-code.ts';
import { installJoinMeter, type JoinMeter } from './join-meter.ts';
import { listenForTone, type ToneReading } from './tone.ts';

/** A picture is judged at this size, the smallest that simulcast sends. */
const READ_WIDTH = 160;
const READ_HEIGHT = 90;

const canvas = new OffscreenCanvas(READ_WIDTH, READ_HEIGHT);
const context = canvas.getContext('2d', { willReadFrequently: true });

const readVideo = (video: HTMLVideoElement): FrameReading & { width: number; height: number } => {
  // A video without a picture draws nothing: what was read before must not be read again.
  context?.clearRect(0, 0, READ_WIDTH, READ_HEIGHT);
  context?.drawImage(video, 0, 0, READ_WIDTH, READ_HEIGHT);
  const pixels = context?.getImageData(0, 0, READ_WIDTH, READ_HEIGHT).data ?? [];
  return { ...readFrame(pixels, READ_WIDTH, READ_HEIGHT), width: video.videoWidth, height: video.videoHeight };
};

const find = <Kind extends HTMLElement>(selector: string): Kind => {
  const found = document.querySelector<Kind>(selector);
  if (found === null) throw new Error(`no element is ${selector}`);
  return found;
};

export interface Probe {
  /** Reads the coded frame that a video shows now. */
  frame(selector: string): FrameReading & { width: number; height: number };
  /** Reads the next `count` frames that a video presents, one after the other. */
  frames(selector: string, count: number): Promise<FrameReading[]>;
  /** Listens to the sound of an element's stream for a second: its loudest tone. */
  tone(selector: string): Promise<ToneReading>;
  readonly join: JoinMeter;
}

const probe: Probe = {
  frame: (selector) => readVideo(find<HTMLVideoElement>(selector)),
  frames: (selector, count) =>
    new Promise((resolve) => {
      const video = find<HTMLVideoElement>(selector);
      const readings: FrameReading[] = [];
      const next = () =>
        video.requestVideoFrameCallback(() => {
          readings.push(readVideo(video));
          if (readings.length === count) resolve(readings);
          else next();
        });
      next();
    }),
  tone: (selector) => {
    const { srcObject } = find<HTMLMediaElement>(selector);
    if (!(srcObject instanceof MediaStream)) throw new Error(`${selector} plays no stream`);
    return listenForTone(srcObject, 1_000);
  },
  join: installJoinMeter(),
};

declare global {
  interface Window {
    bedsideProbe: Probe;
  }
}
window.bedsideProbe = probe;
