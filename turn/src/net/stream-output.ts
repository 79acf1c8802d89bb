import type { Duplex } from 'node:stream';

/** While this much waits in the stream, further data waits here, where it can still be dropped. */
const STREAM_BUFFER_BYTES = 64 * 1024;
/** Most data that waits here; beyond it the oldest goes. About two seconds of one video at 1 Mbit/s. */
export const MAX_QUEUED_BYTES = 256 * 1024;
/** A client that asks and does not read its answers is cut off when this much waits for it. */
const MAX_UNREAD_BYTES = 256 * 1024;

interface Waiting {
  readonly chunks: readonly Buffer[];
  readonly bytes: number;
}

const bytesOf = (chunks: readonly Buffer[]): number => chunks.reduce((sum, chunk) => sum + chunk.length, 0);

/**
 * What goes out on one client's stream. All that is sent in one turn of the loop leaves in one write. A slow reader
 * loses data, oldest first and by whole messages, and never answers; it never makes the server hold more than a few
 * hundred KiB.
 */
export class StreamOutput {
  readonly #stream: Duplex;
  readonly #onDropped: (messages: number) => void;
  readonly #queue: Waiting[] = [];
  #queuedBytes = 0;
  #corked = false;

  constructor(options: { stream: Duplex; onDropped: (messages: number) => void }) {
    this.#stream = options.stream;
    this.#onDropped = options.onDropped;
    this.#stream.on('drain', () => this.#flush());
  }

  /** Bytes that wait, here and in the stream. */
  get waitingBytes(): number {
    return this.#queuedBytes + this.#stream.writableLength;
  }

  send(chunks: readonly Buffer[], kind: 'answer' | 'data'): void {
    if (this.#stream.destroyed || !this.#stream.writable) return;
    if (kind === 'answer') {
      if (this.#stream.writableLength > MAX_UNREAD_BYTES) this.#stream.destroy();
      else this.#write(chunks);
    } else if (this.#queue.length > 0 || this.#stream.writableLength >= STREAM_BUFFER_BYTES) {
      this.#enqueue(chunks);
    } else {
      this.#write(chunks);
    }
  }

  #write(chunks: readonly Buffer[]): void {
    if (!this.#corked) {
      this.#corked = true;
      this.#stream.cork();
      // After the poll phase, so that everything that arrived together leaves together.
      setImmediate(() => {
        this.#corked = false;
        this.#stream.uncork();
      });
    }
    for (const chunk of chunks) this.#stream.write(chunk);
  }

  #enqueue(chunks: readonly Buffer[]): void {
    const bytes = bytesOf(chunks);
    this.#queue.push({ chunks, bytes });
    this.#queuedBytes += bytes;
    let dropped = 0;
    while (this.#queuedBytes > MAX_QUEUED_BYTES) {
      this.#queuedBytes -= this.#queue.shift()?.bytes ?? this.#queuedBytes;
      dropped += 1;
    }
    if (dropped > 0) this.#onDropped(dropped);
  }

  #flush(): void {
    while (this.#stream.writableLength < STREAM_BUFFER_BYTES) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#queuedBytes -= next.bytes;
      this.#write(next.chunks);
    }
  }
}
