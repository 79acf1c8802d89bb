import type { OrganizationId, PersonId, Provider, VisitType, VisitTypeId } from '@bedside/protocol';
import type { Db } from '../db/database.ts';

/** Lists are short: an organization that outgrows these gets a search. */
const LIST_LIMIT = 500;

export const listProviders = (db: Db, organizationId: OrganizationId): Promise<Provider[]> =>
  db
    .selectFrom('providers')
    .innerJoin('people', 'people.id', 'providers.personId')
    .where('providers.organizationId', '=', organizationId)
    .where('people.isActive', '=', true)
    .select(['people.id', 'people.displayName', 'people.timeZone', 'providers.specialty'])
    .orderBy('people.displayName')
    .orderBy('people.id')
    .limit(LIST_LIMIT)
    .execute();

export const listVisitTypes = (db: Db, organizationId: OrganizationId): Promise<VisitType[]> =>
  db
    .selectFrom('visitTypes')
    .where('organizationId', '=', organizationId)
    .where('isActive', '=', true)
    .select(['id', 'name', 'durationMinutes'])
    .orderBy('name')
    .orderBy('id')
    .limit(LIST_LIMIT)
    .execute();

export const findVisitType = (
  db: Db,
  which: { id: VisitTypeId; organizationId: OrganizationId },
): Promise<VisitType | undefined> =>
  db
    .selectFrom('visitTypes')
    .where('id', '=', which.id)
    .where('organizationId', '=', which.organizationId)
    .where('isActive', '=', true)
    .select(['id', 'name', 'durationMinutes'])
    .executeTakeFirst();

export const findProvider = (
  db: Db,
  which: { id: PersonId; organizationId: OrganizationId },
): Promise<{ timeZone: string } | undefined> =>
  db
    .selectFrom('providers')
    .innerJoin('people', 'people.id', 'providers.personId')
    .where('providers.personId', '=', which.id)
    .where('providers.organizationId', '=', which.organizationId)
    .where('people.isActive', '=', true)
    .select('people.timeZone')
    .executeTakeFirst();
