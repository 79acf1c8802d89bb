import { type Binding, openText, sealText } from './envelope.ts';

/**
 * A data key in memory. Whoever holds it has retained it; with the last one who lets go, its bytes are overwritten. After
 * that it seals and opens nothing.
 */
export class DataKey {
  readonly version: number;
  readonly #bytes: Buffer;
  #holders = 1;

  /** Takes the bytes over: they are overwritten in the end. */
  constructor(bytes: Buffer, version: number) {
    this.#bytes = bytes;
    this.version = version;
  }

  seal(text: string, by: { readonly nonce: Buffer; readonly binding: Binding }): Buffer {
    return sealText(text, { ...by, key: this.#living(), version: this.version });
  }

  /** Throws `SealBroken`. */
  open(sealed: Buffer, binding: Binding): string {
    return openText(sealed, { key: this.#living(), binding });
  }

  retain(): this {
    this.#living();
    this.#holders += 1;
    return this;
  }

  release(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.#bytes.fill(0);
  }

  /** Zeros would seal as well as a key does. */
  #living(): Buffer {
    if (this.#holders < 1) throw new Error('A data key was used after it had been let go.');
    return this.#bytes;
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
