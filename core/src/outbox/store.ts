import type { OrganizationId } from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { LEASE_MS, MAX_ATTEMPTS, type OutboxEvent, type OutboxTopic } from './model.ts';

/** Part of the transaction of what happened. */
export const insertOutboxEvents = async (
  db: Db,
  events: readonly { organizationId: OrganizationId; topic: OutboxTopic; resourceId: string }[],
  now: Date,
): Promise<void> => {
  if (events.length === 0) return;
  await db
    .insertInto('outboxEvents')
    .values(events.map((event) => ({ ...event, createdAt: now, availableAt: now })))
    .execute();
};

/** Takes what is due, oldest first, for the length of a lease; what another process takes at this moment is left to it. */
export const claimOutboxEvents = async (db: Db, options: { now: Date; limit: number }): Promise<OutboxEvent[]> => {
  const { rows } = await sql<OutboxEvent>`
    UPDATE outbox_events SET attempts = attempts + 1, available_at = ${new Date(options.now.getTime() + LEASE_MS)}
    WHERE id IN (
      SELECT id FROM outbox_events WHERE available_at <= ${options.now}
      ORDER BY available_at, id LIMIT ${options.limit} FOR UPDATE SKIP LOCKED
    )
    RETURNING id, organization_id, topic, resource_id, attempts`.execute(db);
  return rows.sort((one, other) => Number(BigInt(one.id) - BigInt(other.id)));
};

export const deleteOutboxEvents = async (db: Db, ids: readonly string[]): Promise<void> => {
  if (ids.length > 0) await sql`DELETE FROM outbox_events WHERE id = ANY(${ids}::bigint[])`.execute(db);
};

/** To be tried again at `at`, or parked where that is undefined. */
export const postponeOutboxEvent = async (db: Db, id: string, at: Date | undefined): Promise<void> => {
  await db
    .updateTable('outboxEvents')
    .set({ availableAt: at ?? sql<Date>`'infinity'` })
    .where('id', '=', id)
    .execute();
};

/** What is late, and what was given up. */
export const outboxBacklog = async (db: Db, now: Date): Promise<{ oldestDueSeconds: number; parked: number }> => {
  const { rows } = await sql<{ oldestDueSeconds: number; parked: number }>`
    SELECT coalesce(extract(epoch FROM ${now}::timestamptz - min(available_at) FILTER (WHERE available_at <= ${now})), 0)::float8
        AS oldest_due_seconds,
      (count(*) FILTER (WHERE attempts >= ${MAX_ATTEMPTS} AND available_at = 'infinity'))::int AS parked
    FROM outbox_events`.execute(db);
  return rows[0] ?? { oldestDueSeconds: 0, parked: 0 };
};
