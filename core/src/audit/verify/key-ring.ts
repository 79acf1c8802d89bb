import { type Head, isSignedBy, type SealedHead } from './head.ts';
import { type PublicKey, publicKeyOf } from './public-key.ts';

export type SignatureState = 'good' | 'bad' | 'unknown-key';

/** The keys that are believed: those given, and those that a believed one named as the next. */
export class KeyRing {
  readonly #keys = new Map<string, PublicKey>();

  constructor(keys: readonly PublicKey[]) {
    for (const key of keys) this.#keys.set(key.keyId, key);
  }

  check(sealed: SealedHead): SignatureState {
    const key = this.#keys.get(sealed.head.keyId);
    if (key === undefined) return 'unknown-key';
    return isSignedBy(key.key, sealed) ? 'good' : 'bad';
  }

  /** Takes over the key that a head with a good signature hands on to. */
  learn({ nextKey }: Head): void {
    if (nextKey === null) return;
    const key = publicKeyOf(nextKey);
    this.#keys.set(key.keyId, key);
  }
}
