import { sql } from 'kysely';
import type { Db } from '../db/database.ts';

/**
 * Tells patients what has become of their requests for correction, and whoever asked in a patient's name: that the answer
 * takes longer, that it is there, that their disagreement was answered. Done again it changes nothing. Answers whether
 * anything is due.
 */
export const planAnswerMessages = async (db: Db, requestIds: readonly string[], now: Date): Promise<boolean> => {
  const { rows } = await sql<{ id: string }>`
    INSERT INTO notifications (organization_id, person_id, correction_request_id, kind, channel, due_at, next_attempt_at, created_at)
    SELECT request.organization_id, contact.person_id, request.id, news.kind, contact.system, ${now}, ${now}, ${now}
    FROM correction_requests AS request
    CROSS JOIN LATERAL (SELECT CASE
      WHEN request.status = 'requested' AND request.extended THEN 'correction-extended'
      WHEN request.status IN ('accepted', 'denied') THEN 'correction-answered'
      WHEN request.status = 'rebutted' THEN 'correction-rebutted'
    END AS kind) AS news
    JOIN contact_points AS contact ON contact.person_id IN (request.patient_id, request.requested_by)
    WHERE request.id = ANY(${requestIds}::uuid[]) AND news.kind IS NOT NULL
    ON CONFLICT DO NOTHING
    RETURNING id`.execute(db);
  return rows.length > 0;
};
