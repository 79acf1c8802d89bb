import { access, mkdir, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTone } from './capture-audio.ts';
import { writeVideo } from './capture-video.ts';

/** Counts up when what the files hold changes, so that an older run's files are not taken. */
const CONTENT_VERSION = 1;
export const VIDEO_FRAME_COUNT = 120;
export const VIDEO_FRAMES_PER_SECOND = 15;

/** Whom a camera and a microphone of the tests take: 0 to 3. */
export const TONE_HZ = [440, 880, 1320, 1760] as const;
export type CapturedPerson = 0 | 1 | 2 | 3;

export interface CaptureFiles {
  readonly person: CapturedPerson;
  /** Y4M, 640×360, 15 frames a second, 8 s. */
  readonly videoPath: string;
  /** WAV with the person's tone, `TONE_HZ[person]`. */
  readonly audioPath: string;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Makes a person's capture files, or finds those of an earlier run: the same bytes every time. */
export const captureFiles = async (person: CapturedPerson): Promise<CaptureFiles> => {
  const dir = join(tmpdir(), `bedside-e2e-media-${process.getuid?.() ?? 0}-v${CONTENT_VERSION}`);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const files = { person, videoPath: join(dir, `person-${person}.y4m`), audioPath: join(dir, `person-${person}.wav`) };
  const make = async (path: string, write: (part: string) => Promise<void>): Promise<void> => {
    if (await exists(path)) return;
    const part = `${path}.${process.pid}.part`;
    await write(part);
    await rename(part, path);
  };
  const frames = { person, frameCount: VIDEO_FRAME_COUNT, framesPerSecond: VIDEO_FRAMES_PER_SECOND };
  await make(files.videoPath, (part) => writeVideo(part, frames));
  await make(files.audioPath, (part) => writeFile(part, makeTone(TONE_HZ[person])));
  return files;
};
