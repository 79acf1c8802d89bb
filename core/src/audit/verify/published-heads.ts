import { parseHeadLine, type SealedHead } from './head.ts';
import { LineReader } from './lines.ts';

/**
 * The heads as they were published, read side by side with the export. Heads are published at least once: one that
 * comes again is passed over. A line that was cut off by a crash is none.
 */
export class PublishedHeads implements Disposable {
  readonly #reader: LineReader | undefined;
  #next: SealedHead | undefined;
  #taken = 0;
  /** Lines that are no head. */
  unreadable = 0;

  constructor(path: string | undefined) {
    this.#reader = path === undefined ? undefined : new LineReader(path);
    this.#advance();
  }

  /** The next head with a number below `sequence`, if there is one. */
  takeBefore(sequence: number): SealedHead | undefined {
    return this.#next !== undefined && this.#next.head.sequence < sequence ? this.#take() : undefined;
  }

  /** The head of that number, if it is the next one. */
  take(sequence: number): SealedHead | undefined {
    return this.#next?.head.sequence === sequence ? this.#take() : undefined;
  }

  #take(): SealedHead | undefined {
    const taken = this.#next;
    this.#taken = taken?.head.sequence ?? this.#taken;
    this.#advance();
    return taken;
  }

  #advance(): void {
    this.#next = undefined;
    while (this.#next === undefined && this.#reader?.next() === true) {
      const sealed = parseHeadLine(this.#reader.text);
      if (sealed === undefined) this.unreadable += this.#reader.end > this.#reader.start ? 1 : 0;
      else if (sealed.head.sequence > this.#taken) this.#next = sealed;
    }
  }

  [Symbol.dispose](): void {
    this.#reader?.[Symbol.dispose]();
  }
}
