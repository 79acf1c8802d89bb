/** A statement is worth a name once it came so often. */
const NAMED_AFTER = 3;
/** Each connection keeps every named statement, some 20 kB each, until it closes. */
const MAX_NAMES = 200;
/** Statements that came, but not yet often; lists of many lengths make many. */
const MAX_CANDIDATES = 1_000;

/**
 * Names for statements that come again and again, so that the server reads and plans them once a connection. What
 * comes rarely, or after the names are used up, has none and is read each time.
 */
export class StatementNames {
  readonly #names = new Map<string, string>();
  readonly #seen = new Map<string, number>();

  of(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known !== undefined || this.#names.size >= MAX_NAMES) return known;
    const times = (this.#seen.get(text) ?? 0) + 1;
    if (times < NAMED_AFTER) {
      if (this.#seen.size >= MAX_CANDIDATES) this.#seen.clear();
      this.#seen.set(text, times);
      return undefined;
    }
    this.#seen.delete(text);
    const name = `bedside_${this.#names.size}`;
    this.#names.set(text, name);
    return name;
  }
}
