import type { OrganizationId, PersonId, VisitTypeId } from '@bedside/protocol';
import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Opening } from './openings.ts';
import type { SlotPlace } from './slot-cursor.ts';
import type { Interval } from './slots.ts';

/** What has to hold of a day before its times are looked at. */
export interface DayFilter {
  readonly organizationId: OrganizationId;
  readonly providerId: PersonId | undefined;
  readonly specialty: string | undefined;
  readonly visitTypeId: VisitTypeId;
  readonly region: string | undefined;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

interface ScannedRow {
  readonly providerId: PersonId;
  readonly firstOpenAt: Date;
  readonly onDate: string;
  readonly specialty: string;
  readonly displayName: string;
  readonly timeZone: string;
  /** Null: the day is of no use for this search. */
  readonly openings: Opening[] | null;
  /** `<start>-<end>,…` in milliseconds since 1970, ascending. */
  readonly busy: string | null;
}

/** A day on the way of the scan; `openings` are missing where the filter does not let it through. */
export interface ScannedDay extends Omit<ScannedRow, 'busy' | 'openings'> {
  readonly openings: readonly Opening[] | undefined;
  readonly busy: readonly Interval[];
}

/** `<start>-<end>,…` to intervals. */
const busyTimes = (text: string | null): Interval[] =>
  text === null
    ? []
    : text.split(',').map((span) => {
        const [start, end] = span.split('-');
        return { startsAtMs: Number(start), endsAtMs: Number(end) };
      });

/** What keeps the provider of `day` busy at `now`, as far as the longest buffer, 4 h, can reach beyond the openings. */
const liveClaims = (now: Date): RawBuilder<string | null> => sql`(
  SELECT string_agg(round(date_part('epoch', starts_at) * 1000)::bigint || '-'
    || round(date_part('epoch', ends_at) * 1000)::bigint, ',' ORDER BY starts_at)
  FROM calendar_claims
  WHERE person_id = day.provider_id
    -- No claim is as long as a day.
    AND starts_at BETWEEN day.first_open_at - interval '28 hours' AND day.last_open_at + interval '4 hours'
    AND ends_at >= day.first_open_at - interval '4 hours'
    AND (expires_at IS NULL OR expires_at > ${now}))`;

/** The next `count` days after `after` by first opening, with what keeps their providers busy, in one query. */
export const scanDays = async (
  db: Db,
  scan: { readonly filter: DayFilter; readonly after: SlotPlace; readonly count: number; readonly now: Date },
): Promise<ScannedDay[]> => {
  const { filter, after, now } = scan;
  const { rows } = await sql<ScannedRow>`
    SELECT day.provider_id, day.first_open_at, to_char(day.on_date, 'YYYY-MM-DD') AS on_date, day.specialty,
      people.display_name, people.time_zone,
      CASE WHEN day.fits THEN day.openings END AS openings,
      CASE WHEN day.fits THEN ${liveClaims(now)} END AS busy
    FROM (
      SELECT *, (regions IS NULL OR ${filter.region ?? null}::text = ANY(regions))
        AND (visit_type_ids IS NULL OR ${filter.visitTypeId} = ANY(visit_type_ids)) AS fits
      FROM slot_days
      WHERE organization_id = ${filter.organizationId}
        ${filter.providerId === undefined ? sql`` : sql`AND provider_id = ${filter.providerId}`}
        ${filter.specialty === undefined ? sql`` : sql`AND specialty = ${filter.specialty}`}
        AND (first_open_at, provider_id) > (${after.firstOpenAt}, ${after.providerId})
        AND first_open_at <= ${filter.notAfter} AND last_open_at > ${filter.notBefore}
      ORDER BY first_open_at, provider_id
      LIMIT ${scan.count}
    ) AS day
    JOIN people ON people.id = day.provider_id
    ORDER BY day.first_open_at, day.provider_id`.execute(db);
  return rows.map((row) => ({ ...row, openings: row.openings ?? undefined, busy: busyTimes(row.busy) }));
};
