import type { AppointmentId } from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { ACTIVE_STATUSES } from '../scheduling/appointment-model.ts';
import { REMINDER_LEAD_MS } from './model.ts';

/**
 * The patients of these appointments, and of those they were moved from or to: one row a person, with what is true of
 * them now. Somebody who gave their seat in a group back `isIn` no longer.
 */
const subjects = (ids: readonly string[], now: Date) => sql`
  SELECT appointment.id, appointment.organization_id, presence.person_id, appointment.starts_at, appointment.ends_at,
    appointment.status = ANY(${ACTIVE_STATUSES}) AND presence.participation = 'accepted' AS is_in,
    appointment.status = 'cancelled'
      OR (appointment.status = ANY(${ACTIVE_STATUSES}) AND presence.participation = 'declined') AS is_cancelled,
    EXISTS (SELECT FROM appointments AS earlier WHERE earlier.rescheduled_to = appointment.id) AS is_moved
  FROM appointments AS appointment
  JOIN encounters AS encounter ON encounter.appointment_id = appointment.id
  JOIN presences AS presence ON presence.encounter_id = encounter.id AND presence.role = 'patient'
  WHERE appointment.ends_at > ${now} AND appointment.id IN (
    SELECT unnest(${ids}::uuid[])
    UNION SELECT moved.rescheduled_to FROM appointments AS moved WHERE moved.id = ANY(${ids}::uuid[])
    UNION SELECT earlier.id FROM appointments AS earlier WHERE earlier.rescheduled_to = ANY(${ids}::uuid[])
  )`;

/**
 * Brings the messages about these appointments in line with what is true of them: whoever is in is told so and reminded
 * while that lies ahead, what is pending for anybody else is dropped, and who was cancelled is told. Done again it
 * changes nothing; the order in which events arrive does not matter. Answers whether anything is due.
 */
export const planAppointmentMessages = async (
  db: Db,
  ids: readonly AppointmentId[] | readonly string[],
  now: Date,
): Promise<boolean> => {
  const lead = (kind: keyof typeof REMINDER_LEAD_MS) => sql`${REMINDER_LEAD_MS[kind]} * interval '1 ms'`;
  const { rows } = await sql<{ id: string }>`
    WITH subject AS (${subjects(ids, now)}), dropped AS (
      UPDATE notifications SET status = 'dropped' FROM subject
      WHERE notifications.appointment_id = subject.id AND notifications.person_id = subject.person_id
        AND notifications.status = 'pending' AND (notifications.kind = 'cancelled') = subject.is_in
    )
    INSERT INTO notifications (organization_id, person_id, appointment_id, kind, channel, due_at, next_attempt_at, created_at)
    SELECT subject.organization_id, subject.person_id, subject.id, wanted.kind, contact.system, wanted.due_at, wanted.due_at, ${now}
    FROM subject
    JOIN contact_points AS contact ON contact.person_id = subject.person_id
    CROSS JOIN LATERAL (VALUES
      (CASE WHEN subject.is_moved THEN 'rescheduled' ELSE 'booked' END, ${now}::timestamptz, subject.is_in AND subject.starts_at > ${now}),
      ('reminder-day', subject.starts_at - ${lead('reminder-day')}, subject.is_in AND subject.starts_at - ${lead('reminder-day')} > ${now}),
      ('reminder-hour', subject.starts_at - ${lead('reminder-hour')}, subject.is_in AND subject.starts_at - ${lead('reminder-hour')} > ${now}),
      ('cancelled', ${now}::timestamptz, subject.is_cancelled)
    ) AS wanted (kind, due_at, is_wanted)
    WHERE wanted.is_wanted
    ON CONFLICT (coalesce(appointment_id, waitlist_offer_id, correction_request_id, emergency_access_id), person_id, kind, channel) DO UPDATE
      SET status = 'pending', attempts = 0, due_at = excluded.due_at, next_attempt_at = excluded.next_attempt_at
      -- Dropped when a seat was given back that is taken again now.
      WHERE notifications.status = 'dropped'
    RETURNING id`.execute(db);
  return rows.length > 0;
};

/** Tells the patients of these offers that something is kept for them. Done again it changes nothing. */
export const planOfferMessages = async (db: Db, offerIds: readonly string[], now: Date): Promise<boolean> => {
  const { rows } = await sql<{ id: string }>`
    INSERT INTO notifications (organization_id, person_id, waitlist_offer_id, kind, channel, due_at, next_attempt_at, created_at)
    SELECT offer.organization_id, entry.patient_id, offer.id, 'offer', contact.system, ${now}, ${now}, ${now}
    FROM waitlist_offers AS offer
    JOIN waitlist_entries AS entry ON entry.id = offer.entry_id
    JOIN contact_points AS contact ON contact.person_id = entry.patient_id
    WHERE offer.id = ANY(${offerIds}::uuid[]) AND offer.status = 'live' AND offer.expires_at > ${now}
    ON CONFLICT DO NOTHING
    RETURNING id`.execute(db);
  return rows.length > 0;
};
