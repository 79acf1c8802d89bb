import type { Clock } from '@bedside/kit';
import type { Database, Db, ScopedDatabase } from '../db/database.ts';
import type { AuditKeyFile } from './audit-key.ts';
import { FIRST_LINK, type Link, seal } from './seal-model.ts';
import {
  beginSweep,
  insertHead,
  lastHead,
  lockChain,
  readSealerState,
  readSnapshot,
  tryLockChain,
  type UnsealedRow,
  unsealedBySweep,
  unsealedByXid,
  writeSealerState,
} from './seal-store.ts';
import { headHash } from './verify/head.ts';
import { publicKeyOf } from './verify/public-key.ts';

/** Events under one head; below `HEAD_EVENTS_MAX`, so that a page of them stays a small transaction. */
const BATCH_MAX = 4_096;

export interface SealerOptions {
  readonly database: Database;
  readonly keys: AuditKeyFile;
  readonly clock: Clock;
  /** Told when the last head in the database is not what was signed. */
  readonly onBroken: (sequence: number) => void;
}

/** What a round did: `busy` when another process was at it, `more` when rows are left. */
export type Round = { readonly sealed: number; readonly state: 'busy' | 'done' | 'more' };

interface EndOfChain {
  readonly link: Link;
  /** Of the key that signs what comes next; undefined where nothing says. */
  readonly keyId: string | undefined;
}

/** Seals what has been written since the last round. Any number of processes may; one at a time does. */
export class Sealer {
  readonly #database: ScopedDatabase;
  readonly #keys: AuditKeyFile;
  readonly #clock: Clock;
  readonly #onBroken: (sequence: number) => void;

  constructor(options: SealerOptions) {
    this.#database = options.database.asSystem('audit');
    this.#keys = options.keys;
    this.#clock = options.clock;
    this.#onBroken = options.onBroken;
  }

  /** Seals up to 4,096 events, in one transaction. Errors: `AuditKeyMissing`. */
  round(): Promise<Round> {
    return this.#database.transaction(async ({ db }) => {
      if (!(await tryLockChain(db))) return { sealed: 0, state: 'busy' };
      const sealedAt = new Date(this.#clock());
      const snapshot = await readSnapshot(db);
      let state = await readSealerState(db);
      if (state.clusterId !== snapshot.clusterId) state = await beginSweep(db, snapshot);
      const { sweptId, sweepToId, horizon, horizonId } = state;
      if (sweptId !== null && sweepToId !== null) {
        const sweep = await unsealedBySweep(db, { sweptId, sweepToId, limit: BATCH_MAX });
        await this.#append(db, { rows: sweep.rows, sealedAt, isDrained: false });
        await writeSealerState(db, sweep.isDone ? { sweptId: null, sweepToId: null } : { sweptId: sweep.sweptId });
        return { sealed: sweep.rows.length, state: 'more' };
      }
      const rows = await unsealedByXid(db, { after: [horizon, horizonId], before: snapshot.xmax, limit: BATCH_MAX });
      const last = rows.at(-1);
      if (last === undefined) return { sealed: 0, state: 'done' };
      const isDrained = rows.length < BATCH_MAX;
      await this.#append(db, { rows, sealedAt, isDrained });
      // Rows of transactions that had ended were all there to be seen: up to the last one they are sealed now.
      const isReached = isDrained || BigInt(snapshot.xmin) <= BigInt(last.xid);
      await writeSealerState(
        db,
        isReached ? { horizon: snapshot.xmin, horizonId: '0' } : { horizon: last.xid, horizonId: last.id },
      );
      return { sealed: rows.length, state: isDrained ? 'done' : 'more' };
    });
  }

  /** Rounds until nothing is left. @returns how many events were sealed. */
  async drain(signal?: AbortSignal): Promise<number> {
    let sealed = 0;
    for (let state: Round['state'] = 'more'; state === 'more' && signal?.aborted !== true; ) {
      const round = await this.round();
      sealed += round.sealed;
      state = round.state;
    }
    return sealed;
  }

  /**
   * Ends the present key: a head signed with it hands on to the next one. `isLost`: the next key signs by itself, and
   * whoever verifies has to be given it.
   */
  async changeKey(options: { readonly isLost: boolean; readonly tell: (db: Db) => Promise<void> }): Promise<void> {
    const next = await this.#keys.prepareNext();
    await this.#database.transaction(async ({ db }) => {
      await lockChain(db);
      const { link, keyId } = await this.#endOfChain(db);
      if (keyId === next.keyId) return;
      await options.tell(db);
      const key = options.isLost ? next : await this.#keys.find(keyId);
      const change = options.isLost ? {} : { nextKey: next.x };
      const head = seal({ key, link, rows: [], sealedAt: new Date(this.#clock()), isDrained: false, ...change });
      await insertHead(db, head, []);
    });
    await this.#keys.adoptNext();
  }

  async #append(db: Db, batch: { rows: readonly UnsealedRow[]; sealedAt: Date; isDrained: boolean }): Promise<void> {
    if (batch.rows.length === 0) return;
    const { link, keyId } = await this.#endOfChain(db);
    const sealed = seal({ key: await this.#keys.find(keyId), link, ...batch });
    await insertHead(
      db,
      sealed,
      batch.rows.map((row) => row.id),
    );
  }

  /**
   * What the next head is chained to. Where somebody changed the last head, sealing goes on behind it: whoever
   * verifies finds the place, and what is written meanwhile is sealed all the same.
   */
  async #endOfChain(db: Db): Promise<EndOfChain> {
    const last = await lastHead(db);
    if (last === undefined) return { link: FIRST_LINK, keyId: undefined };
    const { sequence, hash, sealed } = last;
    if (sealed === undefined || sealed.head.sequence !== sequence || headHash(sealed.head) !== hash) {
      this.#onBroken(sequence);
      return { link: { ...FIRST_LINK, sequence, hash }, keyId: undefined };
    }
    const { keyId, nextKey, settledAt } = sealed.head;
    return { link: { sequence, hash, settledAt }, keyId: nextKey === null ? keyId : publicKeyOf(nextKey).keyId };
  }
}
