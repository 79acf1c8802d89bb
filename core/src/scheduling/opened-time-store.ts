import { randomUUID } from 'node:crypto';
import type { OrganizationId, PersonId } from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { MinuteSpan, Opening } from './openings.ts';

const MINUTE_MS = 60_000;
/** Spans that one change tells of: more than a year of days with several windows each has. */
const SPANS_MAX = 2_000;

/** Everything that a provider has open ahead, as the days have it. */
export const openingsOf = async (db: Db, providerId: PersonId): Promise<Opening[]> => {
  const rows = await db
    .selectFrom('slotDays')
    .where('providerId', '=', providerId)
    .select('openings')
    .orderBy('onDate')
    .execute();
  return rows.flatMap((row) => row.openings);
};

/**
 * Has opened time offered to those who wait, once it is committed: as far as anybody waits for such a time. Answers
 * whether anybody does.
 */
export const tellOfOpenedTime = async (
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
