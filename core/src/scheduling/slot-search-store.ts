import type { OrganizationId, PersonId, VisitTypeId } from '@bedside/protocol';
import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Interval, Opening } from './openings.ts';
import type { SlotPlace } from './slot-cursor.ts';

/** What is looked for. Instants in milliseconds. */
export interface SlotScan {
  readonly organizationId: OrganizationId;
  readonly visitTypeId: VisitTypeId;
  readonly providerId: PersonId | undefined;
  readonly specialty: string | undefined;
  /** Where the provider has to be licensed; undefined: anywhere or nowhere. */
  readonly region: string | undefined;
  /** Visits lie in here. */
  readonly from: Date;
  readonly to: Date;
  /** Whether the type's minimum notice holds for who asks. */
  readonly needsNotice: boolean;
  readonly now: Date;
  /** Days after this place, by first opening; undefined: from the first that can still hold a visit. */
  readonly after: SlotPlace | undefined;
  /** Days to look at. */
  readonly count: number;
}

/** What of the organization and the visit type a search goes by. */
export interface SearchFacts {
  readonly timeZone: string;
  readonly requiresLicense: boolean;
  readonly id: VisitTypeId;
  readonly durationMinutes: number;
  readonly bufferBeforeMinutes: number;
  readonly bufferAfterMinutes: number;
  readonly stepMinutes: number | null;
  readonly seats: number;
  /** Whether patients may pay for it themselves. */
  readonly selfPay: boolean;
  /** Between which instants a visit may start, both included; the first may be later than the last. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** A day on the way of the scan. */
export interface ScannedDay {
  readonly providerId: PersonId;
  readonly firstOpenMs: number;
  readonly onDate: string;
  readonly specialty: string;
  readonly displayName: string;
  readonly timeZone: string;
  /** Null: the day is of no use for this search. */
  readonly openings: readonly Opening[] | null;
  /** Live claims, ascending, as [startsAtMs, endsAtMs]. */
  readonly busy: readonly (readonly [number, number])[] | null;
}

export const busyIntervals = (busy: ScannedDay['busy']): Interval[] =>
  (busy ?? []).map(([startsAtMs, endsAtMs]) => ({ startsAtMs, endsAtMs }));

const ms = (instant: RawBuilder<unknown>) => sql`round(date_part('epoch', ${instant}) * 1000)::bigint`;

/** What keeps the provider of `day` busy, as far as the longest buffer, 4 h, can reach beyond the openings. */
export const liveClaims = (now: Date) => sql`(
  SELECT json_agg(json_build_array(${ms(sql`starts_at`)}, ${ms(sql`ends_at`)}) ORDER BY starts_at)
  FROM calendar_claims
  WHERE person_id = day.provider_id
    -- No claim is as long as a day.
    AND starts_at BETWEEN day.first_open_at - interval '28 hours' AND day.last_open_at + interval '4 hours'
    AND ends_at >= day.first_open_at - interval '4 hours'
    AND (expires_at IS NULL OR expires_at > ${now}))`;

/** Whether the day of `day` has as many visits and live holds as a cap in force allows; as `is_day_full` counts. */
const isFull = (now: Date) => sql`EXISTS (
  SELECT FROM daily_caps AS cap
  WHERE cap.provider_id = day.provider_id AND (cap.visit_type_id IS NULL OR cap.visit_type_id = facts.id)
    AND cap.valid_from <= day.on_date AND (cap.valid_to IS NULL OR cap.valid_to >= day.on_date)
    -- Counted over everybody's visits, of which a patient sees none.
    AND cap.max_visits <= visits_on_day(day.provider_id, day.on_date, cap.visit_type_id, ${now}))`;

/**
 * How long before an instant a day may have begun that is still open then. With a window over midnight, in the night that
 * gains an hour, it is 49 hours; but a look over two days of everybody's is most of a search, and hardly a day is so long.
 * The condition is that of the index `slot_days_long`.
 */
const longestDay = (organizationId: OrganizationId) => sql`
  CASE WHEN EXISTS (
    SELECT FROM slot_days AS long
    WHERE long.organization_id = ${organizationId} AND long.last_open_at - long.first_open_at > interval '16 hours'
      AND long.first_open_at > facts.not_before - interval '49 hours'
      AND long.first_open_at <= facts.not_before - interval '16 hours'
  ) THEN interval '49 hours' ELSE interval '16 hours' END`;

/** One row about the visit type, none where the organization has no such active type. */
const factsOf = (scan: SlotScan) => sql`
  SELECT organizations.time_zone, organizations.requires_license, visit_types.id, duration_minutes,
    buffer_before_minutes, buffer_after_minutes, step_minutes, seats, self_pay,
    greatest(${scan.from}::timestamptz,
      ${scan.now}::timestamptz + CASE WHEN ${scan.needsNotice} THEN minimum_notice_minutes ELSE 0 END * interval '1 minute'
    ) AS not_before,
    -- The visit lies in what was asked for; its start lies within the horizon, whose days have 24 hours.
    least(${scan.to}::timestamptz - duration_minutes * interval '1 minute',
      ${scan.now}::timestamptz + booking_horizon_days * interval '24 hours') AS not_after
  FROM visit_types JOIN organizations ON organizations.id = visit_types.organization_id
  WHERE visit_types.id = ${scan.visitTypeId} AND organizations.id = ${scan.organizationId} AND visit_types.is_active`;

/**
 * The next days by first opening, what keeps their providers busy and what the search goes by, in one query: the answer
 * is JSON, because twenty rows of as many columns cost the program more than the database.
 */
export const scanDays = async (
  db: Db,
  scan: SlotScan,
): Promise<{ facts: SearchFacts; days: readonly ScannedDay[] } | undefined> => {
  const { rows } = await sql<{ facts: string; days: string }>`
    WITH facts AS MATERIALIZED (${factsOf(scan)})
    SELECT
      json_build_object('timeZone', time_zone, 'requiresLicense', requires_license, 'id', id,
        'durationMinutes', duration_minutes, 'bufferBeforeMinutes', buffer_before_minutes,
        'bufferAfterMinutes', buffer_after_minutes, 'stepMinutes', step_minutes, 'seats', seats, 'selfPay', self_pay,
        'notBeforeMs', ${ms(sql`not_before`)}, 'notAfterMs', ${ms(sql`not_after`)})::text AS facts,
      (
        SELECT coalesce(json_agg(json_build_object('providerId', day.provider_id,
          'firstOpenMs', ${ms(sql`day.first_open_at`)}, 'onDate', day.on_date, 'specialty', day.specialty,
          'displayName', people.display_name, 'timeZone', people.time_zone,
          'openings', CASE WHEN fits THEN openings END, 'busy', CASE WHEN fits THEN ${liveClaims(scan.now)} END
        ) ORDER BY day.first_open_at, day.provider_id), '[]')
        FROM (
          SELECT *, (${scan.region ?? null}::text IS NULL OR regions IS NULL OR ${scan.region ?? null}::text = ANY (regions))
            AND (visit_type_ids IS NULL OR facts.id = ANY (visit_type_ids)) AND NOT ${isFull(scan.now)} AS fits
          FROM slot_days AS day
          WHERE organization_id = ${scan.organizationId}
            ${scan.providerId === undefined ? sql`` : sql`AND provider_id = ${scan.providerId}`}
            ${scan.specialty === undefined ? sql`` : sql`AND specialty = ${scan.specialty}`}
            ${
              scan.after === undefined
                ? sql`AND first_open_at > facts.not_before - ${longestDay(scan.organizationId)}`
                : sql`AND (first_open_at, provider_id) > (${scan.after.at}::timestamptz, ${scan.after.id}::uuid)`
            }
            AND first_open_at <= facts.not_after AND last_open_at > facts.not_before
          ORDER BY first_open_at, provider_id
          LIMIT ${scan.count}
        ) AS day JOIN people ON people.id = day.provider_id
      )::text AS days
    FROM facts`.execute(db);
  const [row] = rows;
  return row && { facts: JSON.parse(row.facts) as SearchFacts, days: JSON.parse(row.days) as ScannedDay[] };
};
