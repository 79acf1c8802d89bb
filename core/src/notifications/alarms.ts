import { sql } from 'kysely';
import type { Db } from '../db/database.ts';

/**
 * Tells compliance that records were opened in an emergency; the administrators, where nobody with an account that is open
 * keeps watch. Done again it changes nothing. Answers whether anything is due.
 */
export const planAlarms = async (db: Db, accessIds: readonly string[], now: Date): Promise<boolean> => {
  const { rows } = await sql<{ id: string }>`
    WITH watching AS (
      SELECT account.organization_id, account.person_id, account.role
      FROM account_roles AS account JOIN people ON people.id = account.person_id AND people.is_active
      WHERE account.role IN ('compliance', 'admin')
    )
    INSERT INTO notifications (organization_id, person_id, emergency_access_id, kind, channel, due_at, next_attempt_at, created_at)
    SELECT access.organization_id, watching.person_id, access.id, 'emergency-opened', contact.system, ${now}, ${now}, ${now}
    FROM emergency_accesses AS access
    JOIN watching ON watching.organization_id = access.organization_id
      AND watching.role = CASE WHEN EXISTS (
        SELECT FROM watching AS compliance
        WHERE compliance.organization_id = access.organization_id AND compliance.role = 'compliance'
      ) THEN 'compliance' ELSE 'admin' END
    JOIN contact_points AS contact ON contact.person_id = watching.person_id
    WHERE access.id = ANY(${accessIds}::uuid[])
    ON CONFLICT DO NOTHING
    RETURNING id`.execute(db);
  return rows.length > 0;
};
