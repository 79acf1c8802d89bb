import { sql } from 'kysely';
import type { Db } from '../db/database.ts';

/**
 * Tells patients that their requests for correction are answered, and whoever asked in a patient's name. Done again it
 * changes nothing. Answers whether anything is due.
 */
export const planAnswerMessages = async (db: Db, requestIds: readonly string[], now: Date): Promise<boolean> => {
  const { rows } = await sql<{ id: string }>`
    INSERT INTO notifications (organization_id, person_id, correction_request_id, kind, channel, due_at, next_attempt_at, created_at)
    SELECT request.organization_id, contact.person_id, request.id, 'correction-answered', contact.system, ${now}, ${now}, ${now}
    FROM correction_requests AS request
    JOIN contact_points AS contact ON contact.person_id IN (request.patient_id, request.requested_by)
    WHERE request.id = ANY(${requestIds}::uuid[]) AND request.status IN ('accepted', 'denied')
    ON CONFLICT DO NOTHING
    RETURNING id`.execute(db);
  return rows.length > 0;
};
