import type { Clock } from '@bedside/kit';
import { sql } from 'kysely';
import type { Database, Db } from '../db/database.ts';
import { type EvidenceRow, toAuditRecord } from './audit-record.ts';
import { headsAfter, lockChainOnConnection, type StoredHead } from './seal-store.ts';
import { type AuditRecord, canonicalEvent } from './verify/canonical-event.ts';
import { formatClosing, formatMissingHead, formatOpening, UNSEALED_LINE } from './verify/export-format.ts';

/** Rows that are in memory at once. */
const PAGE = 2_000;
const HEADS_PAGE = 20;

export interface ExportOptions {
  readonly database: Database;
  readonly clock: Clock;
  /** Only heads that were sealed from the one instant on and before the other. */
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** Takes lines without their end, in order; the next ones come when it is done. */
  readonly write: (lines: readonly string[]) => Promise<void>;
}

type Row = EvidenceRow & { readonly sequence: string | null };

interface HeadRange {
  readonly firstHead: number;
  readonly lastHead: number | null;
}

/** Every row there is, those of a head together, those without a head at the end. */
async function* readRows(db: Db, { firstHead, lastHead }: HeadRange): AsyncGenerator<readonly Row[]> {
  const range =
    lastHead === null
      ? sql`s.sequence >= ${sql.lit(firstHead)} OR s.sequence IS NULL`
      : sql`s.sequence BETWEEN ${sql.lit(firstHead)} AND ${sql.lit(lastHead)}`;
  await sql`DECLARE trail NO SCROLL CURSOR FOR
    SELECT e.id, e.at, e.organization_id, e.person_id, e.role, e.action, e.resource_type, e.resource_id, e.patient_id,
      e.encounter_id, e.outcome, e.reason, e.address, e.request_id, s.sequence
    FROM audit_events e LEFT JOIN audit_seals s ON s.event_id = e.id
    WHERE ${firstHead === 1 && lastHead === null ? sql`true` : range}
    ORDER BY s.sequence NULLS LAST, e.id`.execute(db);
  for (;;) {
    const { rows } = await sql<Row>`FETCH ${sql.lit(PAGE)} FROM trail`.execute(db);
    if (rows.length === 0) return;
    yield rows;
  }
}

const headRange = async (db: Db, { from, to }: Pick<ExportOptions, 'from' | 'to'>): Promise<HeadRange> => {
  if (from === undefined && to === undefined) return { firstHead: 1, lastHead: null };
  const { first, last } = await db
    .selectFrom('auditHeads')
    .$if(from !== undefined, (query) => query.where('sealedAt', '>=', from ?? new Date(0)))
    .$if(to !== undefined, (query) => query.where('sealedAt', '<', to ?? new Date(0)))
    .select((select) => [select.fn.min('sequence').as('first'), select.fn.max('sequence').as('last')])
    .executeTakeFirstOrThrow();
  return { firstHead: Number(first ?? 1), lastHead: to === undefined ? null : Number(last ?? 1) };
};

/** Runs on one snapshot of the database, which no head that was being signed is missing from. */
const onSnapshot = (
  { database, clock }: Pick<ExportOptions, 'database' | 'clock'>,
  work: (db: Db, exportedAt: Date) => Promise<void>,
): Promise<void> =>
  database
    .asSystem('audit')
    .db.connection()
    .execute(async (connection) => {
      const release = await lockChainOnConnection(connection);
      try {
        await connection
          .transaction()
          .setIsolationLevel('repeatable read')
          .execute(async (db) => {
            await sql`SET LOCAL statement_timeout = 0`.execute(db);
            await sql`SET LOCAL idle_in_transaction_session_timeout = 0`.execute(db);
            await sql`SELECT FROM audit_heads LIMIT 1`.execute(db);
            const exportedAt = new Date(clock());
            await release(db);
            await work(db, exportedAt);
          });
      } finally {
        await release(connection);
      }
    });

/** Writes the trail as evidence that `verify/` can judge by itself. @returns how many events and heads it has. */
export const exportTrail = async (options: ExportOptions): Promise<{ events: number; heads: number }> => {
  const counts = { events: 0, heads: 0 };
  await onSnapshot(options, async (db, exportedAt) => {
    const range = await headRange(db, options);
    await options.write([formatOpening({ exportedAt: exportedAt.toISOString(), ...range })]);
    const heads = new HeadCursor(db, range);
    let place: string | null | undefined;
    for await (const rows of readRows(db, range)) {
      const lines: string[] = [];
      for (const row of rows) {
        if (row.sequence !== place) lines.push(...(await heads.linesBefore(row.sequence)));
        place = row.sequence;
        lines.push(canonicalEvent(toAuditRecord(row)));
      }
      counts.events += rows.length;
      await options.write(lines);
    }
    const rest = (await heads.takeUpTo(undefined)).map(({ line }) => line);
    counts.heads = heads.taken;
    await options.write([...rest, formatClosing(counts)]);
  });
  return counts;
};

/** Hands each event to `write` as it stands in the trail, oldest head first. @returns how many there were. */
export const exportRecords = async (
  options: Omit<ExportOptions, 'write'> & { readonly write: (records: readonly AuditRecord[]) => Promise<void> },
): Promise<number> => {
  let count = 0;
  await onSnapshot(options, async (db) => {
    for await (const rows of readRows(db, await headRange(db, options))) {
      count += rows.length;
      await options.write(rows.map(toAuditRecord));
    }
  });
  return count;
};

/** The heads of a range in order, a page at a time. */
class HeadCursor {
  readonly #db: Db;
  readonly #last: number;
  #after: number;
  #page: StoredHead[] = [];
  taken = 0;

  constructor(db: Db, { firstHead, lastHead }: HeadRange) {
    this.#db = db;
    this.#after = firstHead - 1;
    this.#last = lastHead ?? Number.MAX_SAFE_INTEGER;
  }

  /** What stands in an export before the events of a head, or before those without one. */
  async linesBefore(sequence: string | null): Promise<string[]> {
    const due = await this.takeUpTo(sequence === null ? undefined : Number(sequence));
    const lines = due.map(({ line }) => line);
    if (sequence === null) return [...lines, UNSEALED_LINE];
    return due.at(-1)?.sequence === Number(sequence) ? lines : [...lines, formatMissingHead(Number(sequence))];
  }

  /** Those that were not taken yet, up to a number; without one, all. */
  async takeUpTo(sequence = this.#last): Promise<StoredHead[]> {
    const taken: StoredHead[] = [];
    for (;;) {
      if (this.#page.length === 0) {
        this.#page = await headsAfter(this.#db, this.#after, HEADS_PAGE);
        this.#after = this.#page.at(-1)?.sequence ?? this.#after;
      }
      const [next] = this.#page;
      if (next === undefined || next.sequence > Math.min(sequence, this.#last)) return taken;
      taken.push(next);
      this.taken += 1;
      this.#page.shift();
    }
  }
}
