import type { Duplex } from 'node:stream';
import type { Client } from '../relay/client.ts';
import { type FramingProblem, MAX_FRAME_BYTES, StreamFramer } from '../wire/stream-framer.ts';
import { StreamOutput } from './stream-output.ts';

/** Enough for any request; a stranger cannot make the server set more than this aside. */
const MAX_STRANGER_FRAME_BYTES = 2048;

export interface StreamClientEvents {
  readonly onFrame: (frame: Buffer) => void;
  readonly onClosed: () => void;
  readonly onDropped: (messages: number) => void;
  readonly onProblem: (problem: FramingProblem) => void;
}

/** A client on TCP or TLS. It closes its stream on anything that is not TURN. */
export class StreamClient {
  readonly client: Client;
  readonly #stream: Duplex;
  readonly #framer = new StreamFramer({ maxFrameBytes: MAX_STRANGER_FRAME_BYTES });
  readonly #output: StreamOutput;

  constructor(options: { stream: Duplex; client: Client; events: StreamClientEvents }) {
    const { stream, events } = options;
    this.client = options.client;
    this.#stream = stream;
    this.#output = new StreamOutput({ stream, onDropped: events.onDropped });
    stream.on('data', (chunk: Buffer) => {
      if (stream.destroyed) return;
      const problem = this.#framer.push(chunk, events.onFrame);
      if (problem === undefined) return;
      events.onProblem(problem);
      stream.destroy();
    });
    // What breaks a stream also closes it, and closing is all there is to do.
    stream.on('error', () => stream.destroy());
    stream.on('end', () => stream.destroy());
    stream.on('close', events.onClosed);
    // A connection of a shared port comes paused, its first bytes pushed back.
    stream.resume();
  }

  /** Whether its client holds an allocation; then a frame may be as large as a datagram. */
  setKnown(known: boolean): void {
    this.#framer.maxFrameBytes = known ? MAX_FRAME_BYTES : MAX_STRANGER_FRAME_BYTES;
  }

  /** The chunks make one message and have to hold until `flush`. */
  send(chunks: readonly Buffer[], kind: 'answer' | 'data'): void {
    this.#output.send(chunks, kind);
  }

  /** Writes what was sent since the last time, as one. */
  flush(): void {
    this.#output.flush();
  }

  close(): void {
    this.#stream.destroy();
  }
}
