import type { OrganizationId, PersonId } from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../../src/db/database.ts';
import { type Clinic, MINUTE_MS, type Somebody, START } from './clinic.ts';

export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** The Monday after the clinic's first, 10:00 in Berlin. */
export const NEXT_MONDAY = START + 7 * DAY_MS;

export const iso = (ms: number): string => new Date(ms).toISOString();

/** A provider who works on every day of the week, by their own wall clock. */
export const openProvider = async (
  clinic: Clinic,
  key: string,
  hours: { startsAt: string; endsAt: string } = { startsAt: '10:00', endsAt: '16:00' },
): Promise<Somebody> => {
  const provider = await clinic.person(key, 'provider');
  await openHours(clinic, provider.id, hours);
  return provider;
};

export const openHours = (
  clinic: Clinic,
  providerId: PersonId,
  hours: { startsAt: string; endsAt: string },
): Promise<void> =>
  clinic.core.provisioning.setAvailability({
    organizationId: clinic.organizationId,
    providerId,
    timeZone: 'Europe/Berlin',
    windows: [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, ...hours })),
  });

export interface CalendarFaults {
  /** Pairs of active visits of one provider that overlap with their buffers, and of one patient that overlap. */
  readonly overlaps: number;
  /** Claims whose owner is not there or no longer active, and active visits without a claim of everybody in them. */
  readonly strayClaims: number;
  readonly unclaimed: number;
  readonly deadlocks: number;
}

/** Looks for what must never be, without using what is meant to prevent it. */
export const calendarFaults = async (db: Db, organizationId: OrganizationId): Promise<CalendarFaults> => {
  const { rows } = await sql<CalendarFaults>`
    WITH active AS (
      SELECT appointments.*, encounters.id AS encounter_id,
        starts_at - make_interval(mins => buffer_before_minutes) AS works_from,
        ends_at + make_interval(mins => buffer_after_minutes) AS works_until
      FROM appointments JOIN visit_types ON visit_types.id = visit_type_id
      JOIN encounters ON encounters.appointment_id = appointments.id
      WHERE appointments.organization_id = ${organizationId}
        AND appointments.status IN ('booked', 'arrived', 'in-waiting', 'admitted', 'in-visit')
    ), busy AS (
      SELECT active.id, presences.person_id,
        CASE WHEN role = 'patient' THEN starts_at ELSE works_from END AS from_at,
        CASE WHEN role = 'patient' THEN ends_at ELSE works_until END AS until_at
      FROM active JOIN presences ON presences.encounter_id = active.encounter_id AND participation = 'accepted'
    )
    SELECT
      (SELECT count(*)::int FROM busy AS one JOIN busy AS other ON one.person_id = other.person_id AND one.id < other.id
        AND one.from_at < other.until_at AND other.from_at < one.until_at) AS overlaps,
      (SELECT count(*)::int FROM calendar_claims WHERE organization_id = ${organizationId} AND appointment_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM busy WHERE busy.id = appointment_id AND busy.person_id = calendar_claims.person_id)
      ) AS stray_claims,
      (SELECT count(*)::int FROM busy WHERE NOT EXISTS (
        SELECT 1 FROM calendar_claims WHERE appointment_id = busy.id AND person_id = busy.person_id
          AND starts_at = from_at AND ends_at = until_at)) AS unclaimed,
      (SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()) AS deadlocks`.execute(db);
  const [faults] = rows;
  if (faults === undefined) throw new Error('no answer');
  return faults;
};

export const NO_FAULTS: CalendarFaults = { overlaps: 0, strayClaims: 0, unclaimed: 0, deadlocks: 0 };
