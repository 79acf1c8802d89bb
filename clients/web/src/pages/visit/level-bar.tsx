import { LevelMeter } from '@bedside/sdk';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

const BARS = 12;
/** Levels below this are the room's own noise. */
const FLOOR = 0.25;

/** Often enough to follow a voice; each change makes the browser paint, which a small phone feels. */
const READ_EVERY_MS = 80;

/** Shows that the microphone hears something. The bars are drawn past the framework. */
export const LevelBar = ({ track }: { track: MediaStreamTrack }): JSX.Element => {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const meter = new LevelMeter(track);
    const timer = setInterval(() => {
      const level = Math.max(0, (meter.read() - FLOOR) / (1 - FLOOR));
      element.current?.style.setProperty('--level', String(Math.round(level * BARS) / BARS));
    }, READ_EVERY_MS);
    return () => {
      clearInterval(timer);
      meter.close();
    };
  }, [track]);
  return <div ref={element} class="level" role="img" aria-label="Sound level of your microphone" />;
};
