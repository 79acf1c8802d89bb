/** A statement is worth a name once it came so often. */
const NAMED_AFTER = 3;
/** Each connection keeps every named statement, some 20 kB each, until it closes. */
const MAX_NAMES = 300;
/** Statements that came, but not yet often; lists of many lengths make many. */
const MAX_CANDIDATES = 1_000;

/**
 * Names for statements that come again and again, so that the server reads and plans them once a connection. What
 * comes rarely, or after the names are used up, has none and is read each time. `as`: who runs it; a plan holds the
 * policies of one role, and would be made anew with each change of it.
 */
export class StatementNames {
  readonly #names = new Map<string, string>();
  readonly #seen = new Map<string, number>();

  of(text: string, as = ''): string | undefined {
    const key = `${as} ${text}`;
    const known = this.#names.get(key);
    if (known !== undefined || this.#names.size >= MAX_NAMES) return known;
    const times = (this.#seen.get(key) ?? 0) + 1;
    if (times < NAMED_AFTER) {
      if (this.#seen.size >= MAX_CANDIDATES) this.#seen.clear();
      this.#seen.set(key, times);
      return undefined;
    }
    this.#seen.delete(key);
    const name = `bedside_${this.#names.size}`;
    this.#names.set(key, name);
    return name;
  }
}
