import type { ErrorCode, PersonId } from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { dateIn } from '../scheduling/judging.ts';
import { type Dated, isInForce, refusalOfRegion } from '../scheduling/rules.ts';
import type { Visit } from './visit-store.ts';

interface LicenseFacts {
  readonly requiresLicense: boolean;
  readonly timeZone: string;
  /** Where the patient said they will be, or else usually are. */
  readonly region: string | null;
  readonly regions: readonly (Dated & { readonly region: string })[];
}

/**
 * Whether the visit's provider may still see this patient where they are, on the provider's date of the visit: licences
 * and compacts may have changed since the booking (SPEC SCH10). Undefined where they may.
 */
export const refusalOfAdmission = async (
  db: Db,
  visit: Visit,
  patientId: PersonId,
): Promise<Extract<ErrorCode, 'region_required' | 'not_licensed'> | undefined> => {
  const { rows } = await sql<LicenseFacts>`
    SELECT organizations.requires_license, people.time_zone,
      coalesce(${visit.patientRegion}::text, presences.patient_region, patients.region) AS region,
      CASE WHEN organizations.requires_license THEN licensed_regions(people.id) ELSE '[]' END AS regions
    FROM organizations
    JOIN people ON people.id = ${visit.providerId}
    LEFT JOIN patients ON patients.person_id = ${patientId}
    LEFT JOIN presences ON presences.encounter_id = ${visit.encounterId} AND presences.person_id = ${patientId}
    WHERE organizations.id = ${visit.organizationId}`.execute(db);
  const [facts] = rows;
  if (facts === undefined) return undefined;
  const date = dateIn(visit.startsAt, facts.timeZone);
  return refusalOfRegion({
    requiresLicense: facts.requiresLicense,
    region: facts.region ?? undefined,
    regions: facts.regions.filter((row) => isInForce(row, date)).map((row) => row.region),
  });
};
