import type { Duplex } from 'node:stream';

/** While this much waits in the stream, further data waits here, where it can still be dropped. */
const STREAM_BUFFER_BYTES = 64 * 1024;
/** Most data that waits here; beyond it the oldest goes. About two seconds of one video at 1 Mbit/s. */
export const MAX_QUEUED_BYTES = 256 * 1024;
/** A client that asks and does not read its answers is cut off when this much waits for it. */
const MAX_UNREAD_BYTES = 256 * 1024;

const bytesOf = (chunks: readonly Buffer[]): number => {
  let bytes = 0;
  for (const chunk of chunks) bytes += chunk.length;
  return bytes;
};

/**
 * What goes out on one client's stream. What is sent until `flush` leaves in one write. A slow reader loses data, oldest
 * first and by whole messages, and never answers; it never makes the server hold more than a few hundred KiB.
 */
export class StreamOutput {
  readonly #stream: Duplex;
  readonly #onDropped: (messages: number) => void;
  /** What leaves with the next flush: views that hold until then. */
  #chunks: Buffer[] = [];
  #chunksBytes = 0;
  /** Messages that wait because the reader is slow. */
  readonly #queue: Buffer[] = [];
  #queuedBytes = 0;

  constructor(options: { stream: Duplex; onDropped: (messages: number) => void }) {
    this.#stream = options.stream;
    this.#onDropped = options.onDropped;
    this.#stream.on('drain', () => this.flush());
  }

  /** Bytes that wait, here and in the stream. */
  get waitingBytes(): number {
    return this.#chunksBytes + this.#queuedBytes + this.#stream.writableLength;
  }

  /** The chunks make one message and have to hold until `flush`. */
  send(chunks: readonly Buffer[], kind: 'answer' | 'data'): void {
    if (this.#stream.destroyed || !this.#stream.writable) return;
    const unwritten = this.#stream.writableLength + this.#chunksBytes;
    if (kind === 'answer' && unwritten > MAX_UNREAD_BYTES) this.#stream.destroy();
    else if (kind === 'data' && (this.#queue.length > 0 || unwritten >= STREAM_BUFFER_BYTES)) this.#enqueue(chunks);
    else {
      this.#chunks.push(...chunks);
      this.#chunksBytes += bytesOf(chunks);
    }
  }

  /** Writes what was sent since the last time, as one. */
  flush(): void {
    this.#write();
    // The stream may have passed all of it on at once, and then tells of no drain.
    while (this.#queue.length > 0 && this.#stream.writableLength < STREAM_BUFFER_BYTES) {
      this.#dequeue();
      this.#write();
    }
  }

  #write(): void {
    if (this.#chunks.length === 0) return;
    const bytes = Buffer.concat(this.#chunks, this.#chunksBytes);
    this.#chunks = [];
    this.#chunksBytes = 0;
    if (!this.#stream.destroyed) this.#stream.write(bytes);
  }

  #enqueue(chunks: readonly Buffer[]): void {
    const message = Buffer.concat(chunks);
    this.#queue.push(message);
    this.#queuedBytes += message.length;
    let dropped = 0;
    while (this.#queuedBytes > MAX_QUEUED_BYTES) {
      this.#queuedBytes -= this.#queue.shift()?.length ?? this.#queuedBytes;
      dropped += 1;
    }
    if (dropped > 0) this.#onDropped(dropped);
  }

  #dequeue(): void {
    while (this.#chunksBytes < STREAM_BUFFER_BYTES) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#queuedBytes -= next.length;
      this.#chunks.push(next);
      this.#chunksBytes += next.length;
    }
  }
}
