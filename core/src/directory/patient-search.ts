import type { IdentifierRequest, OrganizationId, PersonId } from '@bedside/protocol';
import { audit } from '../audit/audit.ts';
import { actorOf, type Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import type { Db } from '../db/database.ts';
import { containing } from './containing.ts';
import { patientsByIdentifier } from './identifiers.ts';

const FOUND_MAX = 20;

interface FoundPatient {
  id: PersonId;
  displayName: string;
  timeZone: string;
  region?: string;
}

type Narrowing = { readonly search: string } | { readonly ids: readonly PersonId[] };

const findPatients = async (db: Db, organizationId: OrganizationId, by: Narrowing): Promise<FoundPatient[]> => {
  const rows = await db
    .selectFrom('patients')
    .innerJoin('people', 'people.id', 'patients.personId')
    .where('patients.organizationId', '=', organizationId)
    .where('people.isActive', '=', true)
    .where((where) =>
      'ids' in by
        ? where('people.id', '=', where.fn.any(where.val(by.ids)))
        : where('people.displayName', 'ilike', containing(by.search)),
    )
    .select(['people.id', 'people.displayName', 'people.timeZone', 'patients.region'])
    .orderBy('people.displayName')
    .orderBy('people.id')
    .limit(FOUND_MAX)
    .execute();
  return rows.map(({ region, ...row }) => ({ ...row, ...(region === null ? {} : { region }) }));
};

/**
 * Patients whose name has the text in it, at most 20, or who are known by an identifier. Whoever was shown stands in the
 * audit trail. Errors: `bad_request`, `unavailable`.
 */
export const searchPatients = async (
  context: CoreContext,
  caller: Caller,
  ask: { readonly search: string } | { readonly identifier: IdentifierRequest },
): Promise<FoundPatient[]> => {
  const { db } = context.database.as(caller);
  const { organizationId } = caller.who;
  const by =
    'search' in ask
      ? ask
      : { ids: await patientsByIdentifier(context, db, { organizationId, identifier: ask.identifier }) };
  const found = await findPatients(db, organizationId, by);
  const seen = {
    at: nowOf(context),
    actor: actorOf(caller),
    action: 'patients.search',
    resource: { type: 'patients' },
  };
  await audit(db, ...(found.length === 0 ? [seen] : found.map((patient) => ({ ...seen, patientId: patient.id }))));
  return found;
};
