import { randomUUID } from 'node:crypto';
import type { OrganizationId, PersonId } from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { openedSpans } from './opened-spans.ts';
import type { MinuteSpan, Opening } from './openings.ts';

const MINUTE_MS = 60_000;
/** Spans that one change tells of: more than a year of days with several windows each has. */
const SPANS_MAX = 2_000;

/** Everything that these providers have open ahead, as the days have it. */
const openingsOf = async (db: Db, providerIds: readonly PersonId[]): Promise<Map<PersonId, Opening[]>> => {
  const openings = new Map<PersonId, Opening[]>(providerIds.map((providerId) => [providerId, []]));
  if (providerIds.length === 0) return openings;
  const rows = await db
    .selectFrom('slotDays')
    .where('providerId', 'in', providerIds)
    .select(['providerId', 'openings'])
    .orderBy('providerId')
    .orderBy('onDate')
    .execute();
  for (const row of rows) openings.get(row.providerId)?.push(...row.openings);
  return openings;
};

/** Those of the providers whom anybody waits for at all, or whoever it is. */
const waitedFor = async (db: Db, providerIds: readonly PersonId[], now: Date): Promise<PersonId[]> => {
  const { rows } = await sql<{ id: PersonId }>`
    SELECT id FROM unnest(${providerIds}::uuid[]) AS id WHERE somebody_waits(id, ${now}, 'infinity')`.execute(db);
  return rows.map((row) => row.id);
};

/**
 * Runs what changes these providers' days, and has what it opens offered to those who wait. Answers whether anybody
 * waits for any of it.
 */
export const tellingOfOpenedTime = async (
  db: Db,
  which: { readonly organizationId: OrganizationId; readonly providerIds: readonly PersonId[]; readonly now: Date },
  change: () => Promise<void>,
): Promise<boolean> => {
  const { organizationId, now } = which;
  const providerIds = await waitedFor(db, which.providerIds, now);
  const before = await openingsOf(db, providerIds);
  await change();
  let isAwaited = false;
  for (const [providerId, openings] of await openingsOf(db, providerIds)) {
    const spans = openedSpans(before.get(providerId) ?? [], openings);
    if (await tellOfOpenedTime(db, { organizationId, providerId, spans, now })) isAwaited = true;
  }
  return isAwaited;
};

/**
 * Has opened time offered to those who wait, once it is committed: as far as anybody waits for such a time. Answers
 * whether anybody does.
 */
const tellOfOpenedTime = async (
  db: Db,
  opened: {
    readonly organizationId: OrganizationId;
    readonly providerId: PersonId;
    readonly spans: readonly MinuteSpan[];
    readonly now: Date;
  },
): Promise<boolean> => {
  const { organizationId, providerId, now } = opened;
  const rows = opened.spans
    .filter(({ endMinute }) => endMinute * MINUTE_MS > now.getTime())
    .slice(0, SPANS_MAX)
    .map(({ startMinute, endMinute }) => ({
      id: randomUUID(),
      startsAt: new Date(startMinute * MINUTE_MS),
      endsAt: new Date(endMinute * MINUTE_MS),
    }));
  if (rows.length === 0) return false;
  const { numAffectedRows } = await sql`
    WITH told AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS row (id uuid, "startsAt" timestamptz, "endsAt" timestamptz)
      WHERE somebody_waits(${providerId}, "startsAt", "endsAt")
    ), opened AS (
      INSERT INTO opened_times (id, organization_id, provider_id, starts_at, ends_at)
      SELECT id, ${organizationId}::uuid, ${providerId}::uuid, "startsAt", "endsAt" FROM told
    )
    INSERT INTO outbox_events (organization_id, topic, resource_id, created_at, available_at)
    SELECT ${organizationId}::uuid, 'provider.opened', id, ${now}::timestamptz, ${now}::timestamptz FROM told`.execute(
    db,
  );
  return (numAffectedRows ?? 0n) > 0n;
};
