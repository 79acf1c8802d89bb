import type { OrganizationId, PersonId } from '@bedside/protocol';
import { audit } from '../audit/audit.ts';
import { actorOf, type Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import type { Db } from '../db/database.ts';
import { containing } from './containing.ts';

const FOUND_MAX = 20;

interface FoundPatient {
  id: PersonId;
  displayName: string;
  timeZone: string;
  region?: string;
}

const findPatients = async (db: Db, organizationId: OrganizationId, search: string): Promise<FoundPatient[]> => {
  const rows = await db
    .selectFrom('patients')
    .innerJoin('people', 'people.id', 'patients.personId')
    .where('patients.organizationId', '=', organizationId)
    .where('people.isActive', '=', true)
    .where('people.displayName', 'ilike', containing(search))
    .select(['people.id', 'people.displayName', 'people.timeZone', 'patients.region'])
    .orderBy('people.displayName')
    .orderBy('people.id')
    .limit(FOUND_MAX)
    .execute();
  return rows.map(({ region, ...row }) => ({ ...row, ...(region === null ? {} : { region }) }));
};

/** Patients whose name has the text in it, at most 20. Whoever was shown stands in the audit trail. */
export const searchPatients = async (context: CoreContext, caller: Caller, search: string): Promise<FoundPatient[]> => {
  const { db } = context.database.as(caller);
  const found = await findPatients(db, caller.who.organizationId, search);
  const seen = {
    at: nowOf(context),
    actor: actorOf(caller),
    action: 'patients.search',
    resource: { type: 'patients' },
  };
  await audit(db, ...(found.length === 0 ? [seen] : found.map((patient) => ({ ...seen, patientId: patient.id }))));
  return found;
};
