import type { AppointmentId, PersonId } from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { SearchFacts, SlotScan } from './slot-search-store.ts';

/** A group session that can still be joined. */
export interface OpenSession {
  readonly appointmentId: AppointmentId;
  readonly providerId: PersonId;
  readonly displayName: string;
  readonly specialty: string;
  readonly timeZone: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly onDate: string;
  /** At least 1. */
  readonly seatsLeft: number;
}

/** The next sessions by start with a seat that is neither taken nor held. */
export const scanSessions = async (db: Db, scan: SlotScan, facts: SearchFacts): Promise<OpenSession[]> => {
  const { rows } = await sql<OpenSession>`
    SELECT session.*, people.display_name, people.time_zone, providers.specialty
    FROM (
      SELECT appointments.id AS appointment_id, provider_id, starts_at, ends_at,
        to_char(provider_date, 'YYYY-MM-DD') AS on_date,
        seats - seats_taken(appointments.id) - seats_held(appointments.id, ${scan.now}) AS seats_left
      FROM appointments
      WHERE organization_id = ${scan.organizationId} AND visit_type_id = ${scan.visitTypeId}
        AND patient_id IS NULL AND status = 'booked'
        AND starts_at BETWEEN ${new Date(facts.notBeforeMs)} AND ${new Date(facts.notAfterMs)}
        ${
          scan.after === undefined
            ? sql``
            : sql`AND (starts_at, id) > (${scan.after.at}::timestamptz, ${scan.after.id}::uuid)`
        }
    ) AS session
    JOIN people ON people.id = session.provider_id
    JOIN providers ON providers.person_id = session.provider_id
    WHERE session.seats_left > 0
      ${scan.providerId === undefined ? sql`` : sql`AND session.provider_id = ${scan.providerId}`}
      ${scan.specialty === undefined ? sql`` : sql`AND providers.specialty = ${scan.specialty}`}
      ${
        scan.region === undefined
          ? sql``
          : sql`AND EXISTS (
              SELECT FROM slot_days AS day WHERE day.provider_id = session.provider_id AND day.on_date = session.on_date::date
                AND (day.regions IS NULL OR ${scan.region} = ANY (day.regions)))`
      }
    ORDER BY session.starts_at, session.appointment_id
    LIMIT ${scan.count}`.execute(db);
  return rows;
};
