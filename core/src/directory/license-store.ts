import type { License, OrganizationId, PersonId } from '@bedside/protocol';
import type { Db } from '../db/database.ts';

/** By where they hold and since when. */
export const licensesOf = async (db: Db, providerId: PersonId): Promise<License[]> => {
  const rows = await db
    .selectFrom('licenses')
    .where('providerId', '=', providerId)
    .select(['region', 'compact', 'number', 'validFrom', 'validTo', 'source'])
    .orderBy('region')
    .orderBy('compact')
    .orderBy('validFrom')
    .orderBy('id')
    .execute();
  return rows.map(({ region, compact, validTo, ...row }) => ({
    ...row,
    ...(region === null ? {} : { region }),
    ...(compact === null ? {} : { compact }),
    ...(validTo === null ? {} : { validTo }),
  }));
};

/** Puts these in the place of those there were. */
export const replaceLicenses = async (
  db: Db,
  owner: { readonly organizationId: OrganizationId; readonly providerId: PersonId },
  licenses: readonly License[],
): Promise<void> => {
  await db.deleteFrom('licenses').where('providerId', '=', owner.providerId).execute();
  if (licenses.length === 0) return;
  await db
    .insertInto('licenses')
    .values(
      licenses.map((license) => ({
        ...owner,
        region: license.region ?? null,
        compact: license.compact ?? null,
        number: license.number,
        validFrom: license.validFrom,
        validTo: license.validTo ?? null,
        source: license.source,
      })),
    )
    .execute();
};
