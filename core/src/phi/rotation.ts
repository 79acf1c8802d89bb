import { randomBytes } from 'node:crypto';
import type { Clock } from '@bedside/kit';
import { audit, systemActor } from '../audit/audit.ts';
import type { ScopedDatabase, Tx } from '../db/database.ts';
import { KEY_BYTES, SealBroken } from './envelope.ts';
import type { KekRing } from './kek/ring.ts';
import {
  activateKek,
  type KeyTable,
  listKeks,
  replaceWrapped,
  retireKeks,
  type StaleKey,
  staleKeys,
} from './rotation-store.ts';

const BATCH = 1_000;
/** Keys that are with the KEKs at once: a token takes one after the other, a service many. */
const AT_ONCE = 32;
/** How often everything is looked through again for keys that were made with the KEK before meanwhile. */
const PASSES = 20;
const NO_ID = '00000000-0000-0000-0000-000000000000';

export interface RotationOptions {
  readonly database: ScopedDatabase;
  readonly ring: KekRing;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  readonly onProgress?: (rewrapped: number) => void;
}

export interface Rotation {
  readonly kekId: string;
  readonly rewrapped: number;
  /** Keys that their KEK did not unwrap: somebody changed them. Their KEK stays. */
  readonly broken: number;
  /** Whether nothing is wrapped by another KEK any more. */
  readonly isComplete: boolean;
}

const tell = (tx: Tx, at: Date, step: string): Promise<void> =>
  audit(tx.db, {
    at,
    actor: systemActor(),
    action: `phi.rotate-${step}`,
    resource: { type: 'key-encryption-key' },
    reason: 'command-line',
  });

/** Goes on to another KEK, or goes on with a rotation that was interrupted. Undefined: nothing has been sealed yet. */
const begin = ({ database, ring, clock }: RotationOptions): Promise<string | undefined> =>
  database.transaction(async (tx) => {
    // Of two who begin at once, the second finds the first one's rotation under way.
    const keks = await listKeks(tx.db);
    const active = keks.find((kek) => kek.isActive);
    if (active === undefined) return undefined;
    if (keks.length > 1) return active.id;
    const next = await ring.next(keks.map((kek) => kek.id));
    await requireWorking(ring, next);
    const now = new Date(clock());
    await activateKek(tx.db, next, now);
    await tell(tx, now, 'begin');
    return next;
  });

/** Whatever is made from now on hangs on it. Throws `KekAway`. */
const requireWorking = async (ring: KekRing, kekId: string): Promise<void> => {
  const probe = randomBytes(KEY_BYTES);
  const context = { organization: 'probe', owner: 'probe', version: 1 };
  const unwrapped = await ring.unwrap(kekId, await ring.wrap(kekId, probe, context), context);
  if (!unwrapped.equals(probe)) throw new SealBroken('a KEK that does not give back what it was given');
};

const rewrap = async (ring: KekRing, kekId: string, key: StaleKey): Promise<Buffer | undefined> => {
  let bytes: Buffer | undefined;
  try {
    bytes = await ring.unwrap(key.kekId, key.wrapped, key.context);
    return await ring.wrap(kekId, bytes, key.context);
  } catch (error) {
    if (error instanceof SealBroken) return undefined;
    throw error;
  } finally {
    bytes?.fill(0);
  }
};

const rewrapAll = async (
  ring: KekRing,
  kekId: string,
  keys: readonly StaleKey[],
): Promise<(StaleKey & { readonly rewrapped: Buffer })[]> => {
  const done: (StaleKey & { readonly rewrapped: Buffer })[] = [];
  for (let from = 0; from < keys.length; from += AT_ONCE)
    await Promise.all(
      keys.slice(from, from + AT_ONCE).map(async (key) => {
        const rewrapped = await rewrap(ring, kekId, key);
        if (rewrapped !== undefined) done.push({ ...key, rewrapped });
      }),
    );
  return done;
};

/** One look at every key of a table, in the order of their ids. */
const pass = async (
  options: RotationOptions,
  kekId: string,
  table: KeyTable,
  onRewrapped: (count: number) => void,
): Promise<{ broken: number }> => {
  const { database, ring, signal } = options;
  let broken = 0;
  for (let after = NO_ID; ; ) {
    signal?.throwIfAborted();
    const keys = await staleKeys(database.db, { table, kekId, after, limit: BATCH });
    const last = keys.at(-1);
    if (last === undefined) return { broken };
    const rewrapped = await rewrapAll(ring, kekId, keys);
    broken += keys.length - rewrapped.length;
    if (rewrapped.length > 0) onRewrapped(await replaceWrapped(database.db, { table, kekId, keys: rewrapped }));
    after = last.id;
  }
};

/**
 * Wraps every data key anew while requests go on: what is read meanwhile is unwrapped by whichever KEK wraps it, what is
 * made is wrapped by the new one. Each batch stands by itself; after an interruption the next call goes on. Throws
 * `KekAway`.
 */
export const rotateKek = async (options: RotationOptions): Promise<Rotation | undefined> => {
  const { database, clock } = options;
  const kekId = await begin(options);
  if (kekId === undefined) return undefined;
  let rewrapped = 0;
  let broken = 0;
  const onRewrapped = (count: number): void => {
    rewrapped += count;
    options.onProgress?.(rewrapped);
  };
  for (let count = 0; count < PASSES; count++) {
    const before = rewrapped;
    broken = (await pass(options, kekId, 'data_keys', onRewrapped)).broken;
    broken += (await pass(options, kekId, 'blind_index_keys', onRewrapped)).broken;
    if (await retireKeks(database.db)) {
      await database.transaction((tx) => tell(tx, new Date(clock()), 'complete'));
      return { kekId, rewrapped, broken, isComplete: true };
    }
    if (broken > 0 && rewrapped === before) break;
  }
  return { kekId, rewrapped, broken, isComplete: false };
};
