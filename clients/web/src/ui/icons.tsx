import type { JSX } from 'preact';

const PATHS = {
  microphone: ['M12 3.5a3 3 0 0 1 3 3V12a3 3 0 0 1-6 0V6.5a3 3 0 0 1 3-3Z', 'M5.5 11.5a6.5 6.5 0 0 0 13 0', 'M12 18v3'],
  microphoneOff: [
    'M9 9.5V12a3 3 0 0 0 4.7 2.5',
    'M15 11V6.5a3 3 0 0 0-5.7-1.3',
    'M5.5 11.5a6.5 6.5 0 0 0 10.3 5.3M18.5 11.5a6 6 0 0 1-.5 2.5',
    'M12 18v3',
    'M4 4l16 16',
  ],
  camera: ['M3.5 8a2 2 0 0 1 2-2h7a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-7a2 2 0 0 1-2-2Z', 'M14.5 11l6-3.5v9l-6-3.5'],
  cameraOff: [
    'M8.5 6h4a2 2 0 0 1 2 2v4',
    'M14.5 15.5V16a2 2 0 0 1-2 2h-7a2 2 0 0 1-2-2V8a2 2 0 0 1 1.5-1.9',
    'M14.5 11l6-3.5v9l-3-1.7',
    'M4 4l16 16',
  ],
  chat: [
    'M4 6.5a2.5 2.5 0 0 1 2.5-2.5h11a2.5 2.5 0 0 1 2.5 2.5v7a2.5 2.5 0 0 1-2.5 2.5H11l-4.5 4v-4a2.5 2.5 0 0 1-2.5-2.5Z',
    'M8.5 8.7h7M8.5 11.8h4.5',
  ],
  leave: ['M3 14.5c5.5-5 12.5-5 18 0l-2.5 3-4-1.5v-2.7a11 11 0 0 0-5 0V16l-4 1.5Z'],
  settings: ['M4 7.5h9M17 7.5h3M4 16.5h3M11 16.5h9', 'M15 5.5v4M9 14.5v4'],
  people: [
    'M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z',
    'M2.5 19.5c.6-3.5 3-5.3 6.5-5.3s5.9 1.8 6.5 5.3',
    'M16 5a3.3 3.3 0 0 1 0 6.3M18 14.7c2 .7 3.2 2.3 3.5 4.8',
  ],
  close: ['M6 6l12 12M18 6L6 18'],
  send: ['M4 12l16-8-6 16-3-7Z', 'M11 13l4-4'],
  check: ['M5 12.5l4.5 4.5L19 7.5'],
  warning: ['M12 4l9 16H3Z', 'M12 10v4.5M12 17.3v.2'],
  info: ['M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z', 'M12 11v5M12 7.8v.2'],
  clock: ['M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z', 'M12 7v5.3l3.5 2'],
  phone: [
    'M6.5 3.5h3l1.5 4-2 1.7a11 11 0 0 0 5.8 5.8l1.7-2 4 1.5v3a2 2 0 0 1-2.2 2C10.5 18.8 5.2 13.5 4.5 5.7a2 2 0 0 1 2-2.2Z',
  ],
  speaker: ['M4 9.5h3.5L12 5.5v13l-4.5-4H4Z', 'M15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11'],
  calendar: ['M4.5 6.5h15v13h-15ZM4.5 10.5h15M8.5 4v4M15.5 4v4'],
  back: ['M14.5 5.5L8 12l6.5 6.5'],
} as const;

export type IconName = keyof typeof PATHS;

/** Line drawings on a 24 px grid. Always beside words or inside a labelled control, so hidden from readers. */
export const Icon = ({ name }: { name: IconName }): JSX.Element => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    {PATHS[name].map((path) => (
      <path key={path} d={path} />
    ))}
  </svg>
);
