import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { blockAt, encodeBits, FRAME_HEIGHT, FRAME_WIDTH } from './frame-code.ts';

const BLACK = 16;
const WHITE = 235;

/** Which block each pixel of a row belongs to; the same for every frame. */
const BLOCK_OF_PIXEL = Int8Array.from({ length: FRAME_WIDTH * FRAME_HEIGHT }, (_, index) => {
  const y = Math.floor(index / FRAME_WIDTH);
  return blockAt((index - y * FRAME_WIDTH) / FRAME_WIDTH, y / FRAME_HEIGHT) ?? -1;
});

/** One frame, planar YUV 4:2:0: the coded blocks above, a wave that wanders below, in a colour of the person's own. */
export const makeFrame = (frame: { person: number; counter: number; frameCount: number }): Uint8Array => {
  const pixels = FRAME_WIDTH * FRAME_HEIGHT;
  const planes = new Uint8Array(pixels * 1.5);
  const bits = encodeBits(frame).map((bit) => (bit ? WHITE : BLACK));
  const phase = (frame.counter / frame.frameCount) * 2 * Math.PI;
  const wave = Uint8Array.from(
    { length: FRAME_WIDTH },
    (_, x) => 126 + 90 * Math.sin((x / FRAME_WIDTH) * 6 * Math.PI + 3 * phase),
  );
  for (let index = 0; index < pixels; index++) {
    const block = BLOCK_OF_PIXEL[index] ?? -1;
    planes[index] = (block < 0 ? wave[index % FRAME_WIDTH] : bits[block]) ?? BLACK;
  }
  const angle = (frame.person / 4) * 2 * Math.PI;
  planes.fill(128, pixels);
  const chromaWidth = FRAME_WIDTH / 2;
  const firstColoured = Math.ceil((FRAME_HEIGHT / 2) * (4 / 9)) * chromaWidth;
  planes.fill(128 + 50 * Math.cos(angle), pixels + firstColoured, pixels * 1.25);
  planes.fill(128 + 50 * Math.sin(angle), pixels * 1.25 + firstColoured);
  return planes;
};

/** Writes a Y4M file that Chromium plays as a camera, over and over. */
export const writeVideo = async (
  path: string,
  video: { person: number; frameCount: number; framesPerSecond: number },
): Promise<void> => {
  const chunks = function* () {
    yield Buffer.from(`YUV4MPEG2 W${FRAME_WIDTH} H${FRAME_HEIGHT} F${video.framesPerSecond}:1 Ip A1:1 C420jpeg\n`);
    for (let counter = 0; counter < video.frameCount; counter++) {
      yield Buffer.from('FRAME\n');
      yield makeFrame({ person: video.person, counter, frameCount: video.frameCount });
    }
  };
  await pipeline(Readable.from(chunks()), createWriteStream(path));
};
