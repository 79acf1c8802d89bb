import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { FreedSlot } from './offer-store.ts';

/** Spans that one look deals with; with more providers than that, one of them has had time for whoever waits for any. */
const REACHED_MAX = 500;

/**
 * Open time that came within the horizon of a visit type between two instants, as far as somebody waits for it: by when
 * it begins.
 */
export const reachedByHorizon = async (
  db: Db,
  between: { readonly after: Date; readonly until: Date },
): Promise<FreedSlot[]> => {
  const { rows } = await sql<FreedSlot>`
    WITH awaited AS MATERIALIZED (
      SELECT entry.organization_id, entry.provider_id, entry.specialty, entry.visit_type_id,
        greatest(entry.earliest_at, ${between.after}::timestamptz + type.booking_horizon_days * interval '24 hours') AS starts_at,
        least(entry.latest_at, ${between.until}::timestamptz + type.booking_horizon_days * interval '24 hours') AS ends_at
      FROM waitlist_entries AS entry JOIN visit_types AS type ON type.id = entry.visit_type_id
      WHERE entry.status = 'waiting'
    )
    SELECT DISTINCT day.organization_id, day.provider_id, greatest(day.first_open_at, awaited.starts_at) AS starts_at,
      -- A start at this very instant is within the horizon.
      least(day.last_open_at, awaited.ends_at + interval '1 ms') AS ends_at,
      NULL::uuid AS group_appointment_id, NULL::uuid AS group_visit_type_id
    FROM awaited
    JOIN slot_days AS day ON day.organization_id = awaited.organization_id
      AND (awaited.provider_id IS NULL OR day.provider_id = awaited.provider_id)
      AND (awaited.specialty IS NULL OR day.specialty = awaited.specialty)
      AND (day.visit_type_ids IS NULL OR awaited.visit_type_id = ANY(day.visit_type_ids))
      AND day.first_open_at <= awaited.ends_at AND day.last_open_at > awaited.starts_at
    WHERE awaited.starts_at <= awaited.ends_at
    ORDER BY starts_at, day.provider_id LIMIT ${REACHED_MAX}`.execute(db);
  return rows;
};
