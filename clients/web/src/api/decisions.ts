/**
 * Idempotency keys by decision. Asked for again before it was answered, a decision keeps its key, so that pressing once
 * more after a lost answer makes nothing twice; once answered, the same wish is another decision.
 */
export class Decisions {
  readonly #newKey: () => string;
  #open: { readonly what: string; readonly key: string } | undefined;

  constructor(newKey: () => string = () => crypto.randomUUID()) {
    this.#newKey = newKey;
  }

  keyFor(what: string): string {
    if (this.#open?.what !== what) this.#open = { what, key: this.#newKey() };
    return this.#open.key;
  }

  answered(): void {
    this.#open = undefined;
  }
}
