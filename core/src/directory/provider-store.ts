import { AppError, type OrganizationId, PersonId, type Provider } from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { containing } from './containing.ts';

/** The place that a cursor names: after this provider. Errors: `bad_request` where it is no cursor of ours. */
export const providerPlace = (cursor: string | undefined): PersonId | undefined => {
  if (cursor === undefined) return undefined;
  const place = PersonId.safeParse(cursor);
  if (!place.success) throw new AppError('bad_request', { detail: 'cursor: must be the `next` of an earlier page.' });
  return place.data;
};

/** By name; `after`: the last of the page before. */
export const listProviders = (
  db: Db,
  organizationId: OrganizationId,
  page: {
    readonly specialty: string | undefined;
    /** A part of the name. */
    readonly search: string | undefined;
    readonly after: PersonId | undefined;
    readonly count: number;
  },
): Promise<Provider[]> => {
  let query = db
    .selectFrom('providers')
    .innerJoin('people', 'people.id', 'providers.personId')
    .where('providers.organizationId', '=', organizationId)
    .where('people.isActive', '=', true);
  if (page.specialty !== undefined) query = query.where('providers.specialty', '=', page.specialty);
  if (page.search !== undefined) query = query.where('people.displayName', 'ilike', containing(page.search));
  if (page.after !== undefined)
    query = query.where(
      sql<boolean>`(people.display_name, people.id) > (SELECT display_name, id FROM people WHERE id = ${page.after})`,
    );
  return query
    .select(['people.id', 'people.displayName', 'people.timeZone', 'providers.specialty'])
    .orderBy('people.displayName')
    .orderBy('people.id')
    .limit(page.count)
    .execute();
};

const SPECIALTIES_MAX = 500;

export const listSpecialties = async (db: Db, organizationId: OrganizationId): Promise<string[]> => {
  const rows = await db
    .selectFrom('providers')
    .innerJoin('people', 'people.id', 'providers.personId')
    .where('providers.organizationId', '=', organizationId)
    .where('people.isActive', '=', true)
    .select('providers.specialty')
    .distinct()
    .orderBy('providers.specialty')
    .limit(SPECIALTIES_MAX)
    .execute();
  return rows.map((row) => row.specialty);
};
