import type { Me } from '@bedside/protocol';
import type { Caller } from '../caller.ts';
import type { Database } from '../db/database.ts';

/** Who is signed in, as the pages show it. */
export const readMe = async (database: Database, caller: Caller, demo: boolean): Promise<Me> => {
  const row = await database
    .as(caller)
    .db.selectFrom('people')
    .innerJoin('organizations', 'organizations.id', 'people.organizationId')
    .leftJoin('patients', 'patients.personId', 'people.id')
    .where('people.id', '=', caller.who.personId)
    .select([
      'patients.region',
      'organizations.requiresLicense',
      'people.displayName',
      'people.timeZone',
      'organizations.id as organizationId',
      'organizations.name',
      'organizations.phone',
    ])
    .executeTakeFirstOrThrow();
  return {
    person: { id: caller.who.personId, displayName: row.displayName },
    roles: [...caller.who.roles],
    timeZone: row.timeZone,
    ...(row.region === null ? {} : { region: row.region }),
    organization: {
      id: row.organizationId,
      name: row.name,
      ...(row.phone === null ? {} : { phone: row.phone }),
      requiresRegion: row.requiresLicense,
    },
    demo,
  };
};
