import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { EVIDENCE_COLUMNS, type EvidenceRow } from './audit-record.ts';
import { canonicalHead, headHash, parseHeadLine, type SealedHead } from './verify/head.ts';

/** Any number that nothing else on the database uses for advisory locks: whoever holds it appends to the chain. */
const LOCK = 4_907_120_002;
/** Ids that one look of a sweep goes over. */
const SWEEP_IDS = 50_000;

/** Held to the end of the transaction; false where another process has it. */
export const tryLockChain = async (db: Db): Promise<boolean> => {
  const { rows } = await sql<{ locked: boolean }>`SELECT pg_try_advisory_xact_lock(${sql.lit(LOCK)}) AS locked`.execute(
    db,
  );
  return rows[0]?.locked === true;
};

/** The same, waiting for it. */
export const lockChain = async (db: Db): Promise<void> => {
  await sql`SELECT pg_advisory_xact_lock(${sql.lit(LOCK)})`.execute(db);
};

/**
 * The same until it is let go, whatever transactions the connection begins meanwhile. Answers the way to let go: on the
 * connection or in its transaction, a second time without effect.
 */
export const lockChainOnConnection = async (connection: Db): Promise<(on: Db) => Promise<void>> => {
  await sql`SELECT pg_advisory_lock(${sql.lit(LOCK)})`.execute(connection);
  let isHeld = true;
  return async (on) => {
    if (!isHeld) return;
    isHeld = false;
    await sql`SELECT pg_advisory_unlock(${sql.lit(LOCK)})`.execute(on);
  };
};

interface Snapshot {
  /** Transactions below it have ended; those from the other one on had not begun. */
  readonly xmin: string;
  readonly xmax: string;
  readonly clusterId: string;
}

export const readSnapshot = async (db: Db): Promise<Snapshot> => {
  const { rows } = await sql<Snapshot>`
    SELECT pg_snapshot_xmin(s)::text AS xmin, pg_snapshot_xmax(s)::text AS xmax, c.system_identifier::text AS cluster_id
    FROM pg_current_snapshot() s, pg_control_system() c`.execute(db);
  const [snapshot] = rows;
  if (snapshot === undefined) throw new Error('no snapshot');
  return snapshot;
};

interface SealerState {
  readonly clusterId: string | null;
  readonly horizon: string;
  readonly horizonId: string;
  readonly sweptId: string | null;
  readonly sweepToId: string | null;
}

export const readSealerState = (db: Db): Promise<SealerState> =>
  db
    .selectFrom('auditSealer')
    .select(['clusterId', 'horizon', 'horizonId', 'sweptId', 'sweepToId'])
    .executeTakeFirstOrThrow();

export const writeSealerState = async (db: Db, change: Partial<SealerState>): Promise<void> => {
  await db.updateTable('auditSealer').set(change).execute();
};

/** Looks at every row there is once more: after a dump was restored, and the first time. */
export const beginSweep = async (db: Db, snapshot: Snapshot): Promise<SealerState> => {
  const { lastId } = await db
    .selectFrom('auditEvents')
    .select((select) => select.fn.coalesce(select.fn.max('id'), sql<string>`0`).as('lastId'))
    .executeTakeFirstOrThrow();
  const state = {
    clusterId: snapshot.clusterId,
    horizon: snapshot.xmin,
    horizonId: '0',
    sweptId: '0',
    sweepToId: String(lastId),
  };
  await writeSealerState(db, state);
  return state;
};

const isUnsealed = sql<boolean>`NOT EXISTS (SELECT 1 FROM audit_seals WHERE audit_seals.event_id = audit_events.id)`;

/** A row to seal, with what tells where to go on. */
export type UnsealedRow = EvidenceRow & { readonly xid: string };

/**
 * Rows without a seal after a place in the order of transactions and ids, in that order; those of transactions from
 * `before` on are left for the next time.
 */
export const unsealedByXid = (
  db: Db,
  range: { readonly after: readonly [xid: string, id: string]; readonly before: string; readonly limit: number },
): Promise<UnsealedRow[]> =>
  db
    .selectFrom('auditEvents')
    .select([...EVIDENCE_COLUMNS, 'xid'])
    .where(sql<boolean>`(xid, id) > (${range.after[0]}::xid8, ${range.after[1]}::bigint)`)
    .where('xid', '<', sql<string>`${range.before}::xid8`)
    .where(isUnsealed)
    .orderBy('xid')
    .orderBy('id')
    .limit(range.limit)
    .execute();

/** Rows without a seal among the next ids of a sweep, and how far it is when they are sealed. */
export const unsealedBySweep = async (
  db: Db,
  sweep: { readonly sweptId: string; readonly sweepToId: string; readonly limit: number },
): Promise<{ rows: UnsealedRow[]; sweptId: string; isDone: boolean }> => {
  const last = BigInt(sweep.sweepToId);
  const step = BigInt(sweep.sweptId) + BigInt(SWEEP_IDS);
  const until = step < last ? step : last;
  const rows = await db
    .selectFrom('auditEvents')
    .select([...EVIDENCE_COLUMNS, 'xid'])
    .where('id', '>', sweep.sweptId)
    .where('id', '<=', String(until))
    .where(isUnsealed)
    .orderBy('id')
    .limit(sweep.limit)
    .execute();
  const sweptId = rows.length < sweep.limit ? String(until) : (rows.at(-1)?.id ?? String(until));
  return { rows, sweptId, isDone: BigInt(sweptId) >= last };
};

const HEAD_COLUMNS = ['head', 'leaves', 'signature'] as const;

/**
 * A head as it stands in the database, with its line. Undefined where what stands there is none: somebody changed it.
 */
const toSealed = (row: {
  head: string;
  leaves: Buffer;
  signature: Buffer;
}): { line: string; sealed: SealedHead | undefined } => {
  const line = `{"head":${row.head},"leaves":"${row.leaves.toString('base64url')}","signature":"${row.signature.toString('base64url')}"}`;
  return { line, sealed: parseHeadLine(line) };
};

export interface StoredHead {
  readonly sequence: number;
  readonly hash: string;
  readonly line: string;
  readonly sealed: SealedHead | undefined;
}

const readHeads = (db: Db) => db.selectFrom('auditHeads').select([...HEAD_COLUMNS, 'sequence', 'hash']);

const toStored = (row: {
  sequence: string;
  hash: string;
  head: string;
  leaves: Buffer;
  signature: Buffer;
}): StoredHead => ({
  sequence: Number(row.sequence),
  hash: row.hash,
  ...toSealed(row),
});

export const lastHead = async (db: Db): Promise<StoredHead | undefined> => {
  const row = await readHeads(db).orderBy('sequence', 'desc').limit(1).executeTakeFirst();
  return row && toStored(row);
};

/** Number of the last head; 0 of none. */
export const lastSequence = async (db: Db): Promise<number> => {
  const row = await db
    .selectFrom('auditHeads')
    .select('sequence')
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  return Number(row?.sequence ?? 0);
};

/** Heads after a number, in order. */
export const headsAfter = async (db: Db, sequence: number, limit: number): Promise<StoredHead[]> => {
  const rows = await readHeads(db).where('sequence', '>', String(sequence)).orderBy('sequence').limit(limit).execute();
  return rows.map(toStored);
};

export const headHashAt = async (db: Db, sequence: number): Promise<string | undefined> => {
  const row = await db
    .selectFrom('auditHeads')
    .select('hash')
    .where('sequence', '=', String(sequence))
    .executeTakeFirst();
  return row?.hash;
};

/** Appends a head and the seals of its events. A seal that is there already fails it all. */
export const insertHead = async (
  db: Db,
  { head, leaves, signature }: SealedHead,
  eventIds: readonly string[],
): Promise<void> => {
  await db
    .insertInto('auditHeads')
    .values({
      sequence: String(head.sequence),
      head: canonicalHead(head),
      hash: headHash(head),
      leaves,
      signature,
      sealedAt: new Date(head.sealedAt),
    })
    .execute();
  if (eventIds.length === 0) return;
  await sql`INSERT INTO audit_seals (event_id, sequence)
    SELECT id, ${head.sequence}::bigint FROM unnest(${eventIds}::bigint[]) AS id`.execute(db);
};
