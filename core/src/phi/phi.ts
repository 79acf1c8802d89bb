import { randomBytes } from 'node:crypto';
import type { Clock } from '@bedside/kit';
import type { OrganizationId } from '@bedside/protocol';
import type { Db } from '../db/database.ts';
import { isForeignKeyBroken } from '../db/failures.ts';
import { blindIndexOf, indexKey } from './blind-index.ts';
import { DataKey } from './data-key.ts';
import { KEY_BYTES, newNonce, type Place, SealBroken, versionOf } from './envelope.ts';
import { KekAway } from './kek/port.ts';
import type { KekRing } from './kek/ring.ts';
import { KeyCache } from './key-cache.ts';
import { findActiveKek, findKey, findLatestKey, insertKey, registerFirstKek, type WrappedKey } from './key-store.ts';
import { type Owner, ownerName, wrapContext } from './owner.ts';

/** How often a key is made again because its KEK went out of use in between. */
const ATTEMPTS = 3;

/** `erased`: its key was destroyed, for good. `altered`: it was changed or moved by somebody who is not this program. */
export type Opened =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'erased' }
  | { readonly kind: 'altered' };

export interface Sealed {
  readonly owner: Owner;
  readonly place: Place;
  readonly sealed: Buffer;
}

export interface PhiEvents {
  kekAway(event: { reason: string }): void;
  /** `place` names the table and the column, never the row's content. */
  altered(event: { place: string }): void;
}

export interface PhiOptions {
  readonly ring: KekRing;
  readonly clock: Clock;
  readonly events: PhiEvents;
  /** Unwrapped keys in memory at the most, and for how long. */
  readonly cacheKeys: number;
  readonly cacheMs: number;
}

/**
 * Seals what is to be kept of patients, and opens it again (ADR 0022). Takes the transaction under way, or the pool.
 * Errors of everything that needs a key: `unavailable` (`KekAway`) while the KEK cannot be used and the key is not in
 * memory.
 */
export class Phi {
  readonly #options: PhiOptions;
  readonly #cache: KeyCache;
  /** Keys being unwrapped: who needs the same one waits for it. */
  readonly #opening = new Map<string, Promise<DataKey>>();

  constructor(options: PhiOptions) {
    this.#options = options;
    this.#cache = new KeyCache({ size: options.cacheKeys, lifeMs: options.cacheMs, clock: options.clock });
  }

  /** Seals a text of at most a few thousand characters, with the owner's latest key, which is made where there is none. */
  async seal(db: Db, owner: Owner, place: Place, text: string): Promise<Buffer> {
    using key = await this.#sealingKey(db, owner);
    return key.seal(text, { nonce: newNonce(randomBytes), binding: { ...place, owner: ownerName(owner) } });
  }

  async open(db: Db, { owner, place, sealed }: Sealed): Promise<Opened> {
    try {
      using key = await this.#openingKey(db, owner, versionOf(sealed));
      if (key === undefined) return { kind: 'erased' };
      return { kind: 'text', text: key.open(sealed, { ...place, owner: ownerName(owner) }) };
    } catch (error) {
      if (!(error instanceof SealBroken)) throw error;
      this.#options.events.altered({ place: `${place.table}.${place.column}` });
      return { kind: 'altered' };
    }
  }

  /**
   * What a value is found by without being told: 32 bytes, the same for the same value of the same field in the same
   * organization. `value` has to be in its one spelling already.
   */
  async blindIndex(
    db: Db,
    organizationId: OrganizationId,
    { field, value }: { readonly field: string; readonly value: string },
  ): Promise<Buffer> {
    const now = new Date(this.#options.clock());
    const key = await this.#kek(() =>
      indexKey(db, { ring: this.#options.ring, organizationId, activeKek: () => this.#activeKek(db, now), now }),
    );
    try {
      return blindIndexOf(key, field, value);
    } finally {
      key.fill(0);
    }
  }

  async #sealingKey(db: Db, owner: Owner): Promise<DataKey> {
    for (let attempt = 1; ; attempt++) {
      const latest = await findLatestKey(db, owner);
      if (latest?.wrapped != null) return this.#unwrapped(owner, latest);
      try {
        await this.#makeKey(db, owner, (latest?.version ?? 0) + 1);
      } catch (error) {
        if (!isForeignKeyBroken(error) || db.isTransaction || attempt >= ATTEMPTS) throw error;
      }
      if (attempt > ATTEMPTS) throw new Error('A data key that was made is not there.');
    }
  }

  async #makeKey(db: Db, owner: Owner, version: number): Promise<void> {
    const madeAt = new Date(this.#options.clock());
    const kekId = await this.#activeKek(db, madeAt);
    const bytes = randomBytes(KEY_BYTES);
    try {
      const wrapped = await this.#kek(() => this.#options.ring.wrap(kekId, bytes, wrapContext(owner, version)));
      await insertKey(db, { owner, version, kekId, wrapped, madeAt });
    } finally {
      bytes.fill(0);
    }
  }

  async #activeKek(db: Db, madeAt: Date): Promise<string> {
    const active = await findActiveKek(db);
    if (active !== undefined) return active;
    const first = await this.#kek(() => this.#options.ring.current({ mayMake: true }));
    await registerFirstKek(db, first, madeAt);
    return (await findActiveKek(db)) ?? first;
  }

  /** Undefined: destroyed. Throws `SealBroken` where the owner never had such a key. */
  async #openingKey(db: Db, owner: Owner, version: number): Promise<DataKey | undefined> {
    const kept = this.#cache.take(cacheId(owner, version));
    if (kept !== undefined) return kept;
    const found = await findKey(db, owner, version);
    if (found === undefined) throw new SealBroken('no such key');
    return found.wrapped === null ? undefined : this.#unwrapped(owner, found);
  }

  /** The key, retained for the caller. What has not been committed is kept for nobody else. */
  async #unwrapped(owner: Owner, { version, kekId, wrapped, isOurs }: WrappedKey): Promise<DataKey> {
    if (kekId === null || wrapped === null) throw new Error('A destroyed key cannot be used.');
    const unwrap = async (): Promise<DataKey> =>
      new DataKey(
        await this.#kek(() => this.#options.ring.unwrap(kekId, wrapped, wrapContext(owner, version))),
        version,
      );
    if (isOurs) return unwrap();
    const id = cacheId(owner, version);
    const kept = this.#cache.take(id);
    if (kept !== undefined) return kept;
    const opening = this.#opening.get(id) ?? this.#begin(id, unwrap);
    return (await opening).retain();
  }

  #begin(id: string, unwrap: () => Promise<DataKey>): Promise<DataKey> {
    const opening = unwrap();
    this.#opening.set(id, opening);
    const end = (): void => void this.#opening.delete(id);
    opening.then((key) => {
      end();
      this.#cache.keep(id, key);
      // Whoever waits retains it in their own turn, which comes before this one.
      setImmediate(() => key.release());
    }, end);
    return opening;
  }

  async #kek<Result>(use: () => Promise<Result>): Promise<Result> {
    try {
      return await use();
    } catch (error) {
      if (error instanceof KekAway) this.#options.events.kekAway({ reason: error.reason });
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#cache.close();
    await this.#options.ring.close();
  }
}

const cacheId = (owner: Owner, version: number): string => `${ownerName(owner)}:${version}`;
