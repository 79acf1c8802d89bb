import type { OrganizationId, PersonId } from '@bedside/protocol';
import type { Db } from '../db/database.ts';

export interface ProviderRecord {
  readonly displayName: string;
  readonly timeZone: string;
  readonly specialty: string;
  /** Of their availability. */
  readonly version: number;
}

/** A provider who still works here. */
export const findProvider = (
  db: Db,
  which: { id: PersonId; organizationId: OrganizationId },
): Promise<ProviderRecord | undefined> =>
  db
    .selectFrom('providers')
    .innerJoin('people', 'people.id', 'providers.personId')
    .where('providers.personId', '=', which.id)
    .where('providers.organizationId', '=', which.organizationId)
    .where('people.isActive', '=', true)
    .select([
      'people.displayName',
      'people.timeZone',
      'providers.specialty',
      'providers.availabilityVersion as version',
    ])
    .executeTakeFirst();
