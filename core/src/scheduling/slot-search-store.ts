import type { OrganizationId, PersonId, VisitTypeId } from '@bedside/protocol';
import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { SlotPlace } from './slot-cursor.ts';
import type { BusyTime, Opening } from './weekly-openings.ts';

const MINUTE_MS = 60_000;

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
  /** `<start>-<end>,…` in minutes since 1970. */
  readonly busy: string | null;
}

/** A day on the way of the scan; `openings` are missing where the filter does not let it through. */
export interface ScannedDay extends Omit<ScannedRow, 'busy' | 'openings'> {
  readonly openings: readonly Opening[] | undefined;
  readonly busy: readonly BusyTime[];
}

/** `<start>-<end>,…` in minutes to intervals. */
const busyTimes = (text: string | null): BusyTime[] =>
  text === null
    ? []
    : text.split(',').map((span) => {
        const [start, end] = span.split('-');
        return { startsAtMs: Number(start) * MINUTE_MS, endsAtMs: Number(end) * MINUTE_MS };
      });

/** Claims of a person within a span that are live at `now`, in minutes, rounded outwards. */
const liveClaims = (now: Date): RawBuilder<string | null> => sql`(
  SELECT string_agg(floor(date_part('epoch', starts_at) / 60)::int || '-' || ceil(date_part('epoch', ends_at) / 60)::int, ',')
  FROM calendar_claims
  WHERE person_id = day.provider_id AND starts_at < day.last_open_at AND ends_at > day.first_open_at
    -- No visit with its buffers is as long as a day.
    AND starts_at > day.first_open_at - interval '1 day'
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
        AND first_open_at < ${filter.notAfter} AND last_open_at > ${filter.notBefore}
      ORDER BY first_open_at, provider_id
      LIMIT ${scan.count}
    ) AS day
    JOIN people ON people.id = day.provider_id
    ORDER BY day.first_open_at, day.provider_id`.execute(db);
  return rows.map((row) => ({ ...row, openings: row.openings ?? undefined, busy: busyTimes(row.busy) }));
};
