import type { OrganizationId, PersonId } from '@bedside/protocol';
import type { Selectable } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Tables } from '../db/tables.ts';

/** A rule as the database holds it, without whose it is. */
export type RuleRow = Omit<Selectable<Tables['availabilityRules']>, 'id' | 'organizationId' | 'providerId'>;
export type TimeOffRow = Pick<Selectable<Tables['timeOff']>, 'startsAt' | 'endsAt' | 'label'>;

const RULE_COLUMNS = [
  'kind',
  'label',
  'startsOn',
  'startsMinute',
  'endsMinute',
  'rrule',
  'exdates',
  'rdates',
  'effectiveFrom',
  'effectiveTo',
  'visitTypeIds',
  'location',
  'worksOnHolidays',
] as const;

export const rulesOf = (db: Db, providerIds: readonly PersonId[]): Promise<(RuleRow & { providerId: PersonId })[]> =>
  db
    .selectFrom('availabilityRules')
    .where('providerId', 'in', providerIds)
    .select(['providerId', ...RULE_COLUMNS])
    .orderBy('kind', 'desc')
    .orderBy('startsOn')
    .orderBy('startsMinute')
    .orderBy('endsMinute')
    .orderBy('id')
    .execute();

/** Puts these rules in the place of those there were. */
export const replaceRules = async (
  db: Db,
  owner: { readonly organizationId: OrganizationId; readonly providerId: PersonId },
  rules: readonly RuleRow[],
): Promise<void> => {
  await db.deleteFrom('availabilityRules').where('providerId', '=', owner.providerId).execute();
  if (rules.length === 0) return;
  await db
    .insertInto('availabilityRules')
    .values(rules.map((rule) => ({ ...owner, ...rule })))
    .execute();
};

/** Time off that ends after `after`, the next first. */
export const timeOffOf = (
  db: Db,
  providerIds: readonly PersonId[],
  after: Date,
): Promise<(TimeOffRow & { id: string; providerId: PersonId })[]> =>
  db
    .selectFrom('timeOff')
    .where('providerId', 'in', providerIds)
    .where('endsAt', '>', after)
    .select(['id', 'providerId', 'startsAt', 'endsAt', 'label'])
    .orderBy('startsAt')
    .orderBy('id')
    .execute();
