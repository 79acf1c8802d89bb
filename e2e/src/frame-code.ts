/**
 * A number that a camera picture carries and that survives low bitrates and scaling down to 160×90: sixteen big blocks,
 * black or white, in two rows of eight over the upper part of the picture. Two bits say who is filmed, eight count the
 * frames (Gray code: a picture between two frames is off by one, not by many), six are a check sum.
 */
export const FRAME_WIDTH = 640;
export const FRAME_HEIGHT = 360;
/** Frame counters run from 0 to this, exclusive, and then from 0 again. */
export const COUNTER_RANGE = 256;

const COLUMNS = 8;
const ROWS = 2;
/** Share of the picture's height that the blocks take; the rest is for a picture that moves. */
export const CODE_HEIGHT_SHARE = 4 / 9;

export interface FrameReading {
  /** The check sum fits: this is a coded frame. */
  readonly ok: boolean;
  readonly person: number;
  readonly counter: number;
}

/** CRC-6 (polynomial x⁶+x+1) over the ten bits that mean something. */
const checkSum = (value: number): number => {
  let rest = value << 6;
  for (let bit = 15; bit >= 6; bit--) if (rest & (1 << bit)) rest ^= 0b1000011 << (bit - 6);
  // An all-black and an all-white picture must not pass for a frame.
  return rest ^ 0b101101;
};

/** Sixteen bits, the first block's first. `person`: 0 to 3; `counter` is taken modulo `COUNTER_RANGE`. */
export const encodeBits = (frame: { person: number; counter: number }): boolean[] => {
  const counter = frame.counter % COUNTER_RANGE;
  const value = ((frame.person & 3) << 8) | (counter ^ (counter >> 1));
  const word = (value << 6) | checkSum(value);
  return Array.from({ length: 16 }, (_, index) => ((word >> (15 - index)) & 1) === 1);
};

export const decodeBits = (bits: readonly boolean[]): FrameReading => {
  const word = bits.reduce((sum, bit) => (sum << 1) | (bit ? 1 : 0), 0);
  const value = word >> 6;
  let counter = value & 0xff;
  for (let shift = 1; shift < 8; shift <<= 1) counter ^= counter >> shift;
  return { ok: bits.length === 16 && checkSum(value) === (word & 0b111111), person: value >> 8, counter };
};

/** The block of a point of the picture (both coordinates as shares, 0..1), or undefined below the blocks. */
export const blockAt = (x: number, y: number): number | undefined => {
  if (y >= CODE_HEIGHT_SHARE) return undefined;
  return Math.floor((y / CODE_HEIGHT_SHARE) * ROWS) * COLUMNS + Math.floor(x * COLUMNS);
};

/** Reads the middle of each block out of RGBA pixels (as `getImageData` gives them) of a picture of any size. */
export const readFrame = (pixels: ArrayLike<number>, width: number, height: number): FrameReading => {
  const blockWidth = width / COLUMNS;
  const blockHeight = (height * CODE_HEIGHT_SHARE) / ROWS;
  const bits: boolean[] = [];
  for (let block = 0; block < ROWS * COLUMNS; block++) {
    const left = (block % COLUMNS) * blockWidth;
    const top = Math.floor(block / COLUMNS) * blockHeight;
    let sum = 0;
    let count = 0;
    for (let y = Math.ceil(top + blockHeight * 0.3); y < top + blockHeight * 0.7; y++) {
      for (let x = Math.ceil(left + blockWidth * 0.3); x < left + blockWidth * 0.7; x++) {
        sum += pixels[(y * width + x) * 4 + 1] ?? 0;
        count += 1;
      }
    }
    bits.push(sum / Math.max(1, count) > 127);
  }
  return decodeBits(bits);
};

/** How many frames lie between two counters of a video of `frameCount` frames that runs in a circle. */
export const framesBetween = (earlier: number, later: number, frameCount: number): number =>
  (((later - earlier) % frameCount) + frameCount) % frameCount;
