import { CHANNEL_DATA_HEADER_BYTES } from './channel-data.ts';
import { HEADER_BYTES } from './message.ts';

/** Largest frame of either kind: 65,535 bytes of payload behind a STUN header. */
export const MAX_FRAME_BYTES = HEADER_BYTES + 0x1_0000;
const PREFIX_BYTES = 4;

export type FramingProblem = 'not-turn' | 'unaligned' | 'too-long';

/** Length on a stream of the frame that starts with these four bytes (RFC 8489 §6.2.2, RFC 8656 §12.5), or why it is none. */
export const frameBytes = (prefix: Buffer): number | FramingProblem => {
  const kind = (prefix[0] ?? 0xff) >> 6;
  const length = prefix.readUInt16BE(2);
  if (kind === 0) return length % 4 === 0 ? HEADER_BYTES + length : 'unaligned';
  if (kind === 1) return CHANNEL_DATA_HEADER_BYTES + ((length + 3) & ~3);
  return 'not-turn';
};

/**
 * Cuts a stream into STUN and ChannelData frames, padding included. It holds at most one frame of at most
 * `maxFrameBytes`. After a problem the stream cannot be followed any further: close it.
 */
export class StreamFramer {
  /** May be raised while the stream runs, once its client is known. */
  maxFrameBytes: number;
  readonly #prefix = Buffer.alloc(PREFIX_BYTES);
  #prefixFilled = 0;
  #frame: Buffer | undefined;
  #filled = 0;

  constructor(options: { maxFrameBytes: number }) {
    this.maxFrameBytes = options.maxFrameBytes;
  }

  /** Calls `onFrame` for each frame that `chunk` completes; a frame is valid only during the call unless it is copied. */
  push(chunk: Buffer, onFrame: (frame: Buffer) => void): FramingProblem | undefined {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#frame === undefined && this.#prefixFilled === 0 && chunk.length - offset >= PREFIX_BYTES) {
        const size = this.#sizeOf(chunk.subarray(offset, offset + PREFIX_BYTES));
        if (typeof size !== 'number') return size;
        if (chunk.length - offset >= size) {
          onFrame(chunk.subarray(offset, offset + size));
          offset += size;
          continue;
        }
      }
      const taken = this.#collect(chunk, offset, onFrame);
      if (typeof taken !== 'number') return taken;
      offset += taken;
    }
    return undefined;
  }

  #sizeOf(prefix: Buffer): number | FramingProblem {
    const size = frameBytes(prefix);
    return typeof size === 'number' && size > this.maxFrameBytes ? 'too-long' : size;
  }

  /** Takes what it can use of a frame that does not lie whole in one chunk. */
  #collect(chunk: Buffer, offset: number, onFrame: (frame: Buffer) => void): number | FramingProblem {
    if (this.#frame === undefined) {
      const taken = chunk.copy(this.#prefix, this.#prefixFilled, offset, offset + PREFIX_BYTES - this.#prefixFilled);
      this.#prefixFilled += taken;
      if (this.#prefixFilled < PREFIX_BYTES) return taken;
      const size = this.#sizeOf(this.#prefix);
      if (typeof size !== 'number') return size;
      this.#prefixFilled = 0;
      this.#frame = Buffer.allocUnsafe(size);
      this.#filled = this.#prefix.copy(this.#frame);
      this.#finish(onFrame);
      return taken;
    }
    const taken = chunk.copy(this.#frame, this.#filled, offset);
    this.#filled += taken;
    this.#finish(onFrame);
    return taken;
  }

  #finish(onFrame: (frame: Buffer) => void): void {
    const frame = this.#frame;
    if (frame === undefined || this.#filled < frame.length) return;
    this.#frame = undefined;
    this.#filled = 0;
    onFrame(frame);
  }
}
