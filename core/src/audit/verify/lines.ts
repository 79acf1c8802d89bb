import { closeSync, openSync, readSync } from 'node:fs';

const CHUNK_BYTES = 1 << 20;
/** A head with all its leaves has a third of a megabyte. */
const LINE_BYTES_MAX = 4 << 20;

/**
 * Reads a file line by line into one buffer: memory stays the same whatever the file's size. Reading is synchronous,
 * since whoever verifies waits for nothing else.
 */
export class LineReader implements Disposable {
  readonly #file: number;
  #buffer = Buffer.allocUnsafe(CHUNK_BYTES + 1);
  /** End of what has been read into the buffer, and begin of what has not been given out. */
  #filled = 1;
  #next = 1;
  #readTo = 0;
  #atEnd = false;
  /** The present line without its end. The byte before it may be overwritten; all of it is gone with the next one. */
  start = 1;
  end = 1;
  /** Of the present line, from 1. */
  number = 0;
  /** Whether the present line ended with a line feed; the last one may have been cut off. */
  isWhole = true;

  constructor(path: string) {
    this.#file = openSync(path, 'r');
  }

  get buffer(): Buffer {
    return this.#buffer;
  }

  /** Where the present line begins in the file. */
  get offset(): number {
    return this.#readTo - (this.#filled - this.start);
  }

  get text(): string {
    return this.#buffer.toString('utf8', this.start, this.end);
  }

  /** Goes on to the next line; false at the end of the file. Throws where a line is longer than any of ours. */
  next(): boolean {
    for (let from = this.#next; ; ) {
      const found = this.#buffer.indexOf(10, from);
      if (found !== -1 && found < this.#filled) return this.#give(found, true);
      if (this.#atEnd) return this.#next < this.#filled && this.#give(this.#filled, false);
      const pending = this.#filled - this.#next;
      this.#fill();
      from = this.#next + pending;
    }
  }

  #give(end: number, isWhole: boolean): boolean {
    this.start = this.#next;
    this.end = end;
    this.isWhole = isWhole;
    this.#next = Math.min(end + 1, this.#filled);
    this.number += 1;
    return true;
  }

  #fill(): void {
    const pending = this.#filled - this.#next;
    if (pending > LINE_BYTES_MAX) throw new Error(`line ${this.number + 1} is too long`);
    if (pending + CHUNK_BYTES + 1 > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(pending + CHUNK_BYTES + 1);
      this.#buffer.copy(larger, 1, this.#next, this.#filled);
      this.#buffer = larger;
    } else this.#buffer.copyWithin(1, this.#next, this.#filled);
    this.#next = 1;
    this.#filled = 1 + pending;
    const got = readSync(this.#file, this.#buffer, this.#filled, CHUNK_BYTES, null);
    this.#filled += got;
    this.#readTo += got;
    this.#atEnd = got === 0;
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}
