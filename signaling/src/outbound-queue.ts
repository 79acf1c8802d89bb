/** The part of a WebSocket that takes frames. `bufferedAmount`: bytes that the kernel has not taken yet. */
export interface FrameSink {
  readonly bufferedAmount: number;
  send(frame: string, taken: (error?: Error) => void): void;
}

/**
 * Sends frames to a socket and keeps count of those that its reader has not made room for (SPEC ENV9). It holds
 * nothing back itself: the frames wait in the socket, and the count bounds them.
 */
export class OutboundQueue {
  readonly #sink: FrameSink;
  readonly #maxFrames: number;
  readonly #maxBytes: number;
  #frames = 0;

  constructor(options: { sink: FrameSink; maxFrames: number; maxBytes: number }) {
    this.#sink = options.sink;
    this.#maxFrames = options.maxFrames;
    this.#maxBytes = options.maxBytes;
  }

  /** False: more is waiting than may, and the reader has to be cut off. */
  send(frame: string): boolean {
    this.#frames += 1;
    this.#sink.send(frame, () => {
      this.#frames -= 1;
    });
    const bytes = this.#sink.bufferedAmount;
    // Callbacks of frames that the kernel took at once come a tick later; without bytes waiting there is no backlog.
    if (bytes === 0) return true;
    return bytes <= this.#maxBytes && this.#frames <= this.#maxFrames;
  }
}
