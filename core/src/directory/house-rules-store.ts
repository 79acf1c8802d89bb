import type { CompactMember, DailyCap, Holiday, OrganizationId, Payer, PayerRule, PersonId } from '@bedside/protocol';
import type { Db } from '../db/database.ts';

/** Payers of an organization. */
export const PAYERS_MAX = 1_000;

/** Members that are null in the table are absent in the API. */
const withoutNulls = <Row extends object>(row: Row): { [Key in keyof Row]: Exclude<Row[Key], null> } =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as never;

export const listHolidays = (db: Db, organizationId: OrganizationId): Promise<Holiday[]> =>
  db
    .selectFrom('holidays')
    .where('organizationId', '=', organizationId)
    .select(['onDate as date', 'name'])
    .orderBy('onDate')
    .execute();

export const replaceHolidays = async (
  db: Db,
  organizationId: OrganizationId,
  holidays: readonly Holiday[],
): Promise<void> => {
  await db.deleteFrom('holidays').where('organizationId', '=', organizationId).execute();
  const rows = holidays.map(({ date, name }) => ({ organizationId, onDate: date, name }));
  if (rows.length > 0) await db.insertInto('holidays').values(rows).execute();
};

export const listCompactMembers = async (db: Db, organizationId: OrganizationId): Promise<CompactMember[]> => {
  const rows = await db
    .selectFrom('compactMembers')
    .where('organizationId', '=', organizationId)
    .select(['compact', 'region', 'validFrom', 'validTo', 'source'])
    .orderBy('compact')
    .orderBy('region')
    .orderBy('validFrom')
    .execute();
  return rows.map(withoutNulls);
};

export const replaceCompactMembers = async (
  db: Db,
  organizationId: OrganizationId,
  members: readonly CompactMember[],
): Promise<void> => {
  await db.deleteFrom('compactMembers').where('organizationId', '=', organizationId).execute();
  const rows = members.map(({ validTo, ...member }) => ({ organizationId, ...member, validTo: validTo ?? null }));
  if (rows.length > 0) await db.insertInto('compactMembers').values(rows).execute();
};

/** Those that can be named for a visit. */
export const listPayers = (db: Db, organizationId: OrganizationId): Promise<Payer[]> =>
  db
    .selectFrom('payers')
    .where('organizationId', '=', organizationId)
    .where('isActive', '=', true)
    .select(['id', 'name'])
    .orderBy('name')
    .orderBy('id')
    .limit(PAYERS_MAX)
    .execute();

export const listPayerRules = async (db: Db, organizationId: OrganizationId): Promise<PayerRule[]> => {
  const rows = await db
    .selectFrom('payerRules')
    .where('organizationId', '=', organizationId)
    .select(['payerId', 'visitTypeId', 'region', 'effect', 'validFrom', 'validTo', 'source'])
    .orderBy('payerId')
    .orderBy('validFrom')
    .orderBy('id')
    .execute();
  return rows.map(withoutNulls);
};

export const replacePayerRules = async (
  db: Db,
  organizationId: OrganizationId,
  rules: readonly PayerRule[],
): Promise<void> => {
  await db.deleteFrom('payerRules').where('organizationId', '=', organizationId).execute();
  const rows = rules.map((rule) => ({
    organizationId,
    payerId: rule.payerId,
    visitTypeId: rule.visitTypeId ?? null,
    region: rule.region ?? null,
    effect: rule.effect,
    validFrom: rule.validFrom,
    validTo: rule.validTo ?? null,
    source: rule.source,
  }));
  if (rows.length > 0) await db.insertInto('payerRules').values(rows).execute();
};

export const listDailyCaps = async (db: Db, providerId: PersonId): Promise<DailyCap[]> => {
  const rows = await db
    .selectFrom('dailyCaps')
    .where('providerId', '=', providerId)
    .select(['visitTypeId', 'maxVisits', 'validFrom', 'validTo'])
    .orderBy('validFrom')
    .orderBy('id')
    .execute();
  return rows.map(withoutNulls);
};

export const replaceDailyCaps = async (
  db: Db,
  owner: { readonly organizationId: OrganizationId; readonly providerId: PersonId },
  caps: readonly DailyCap[],
): Promise<void> => {
  await db.deleteFrom('dailyCaps').where('providerId', '=', owner.providerId).execute();
  const rows = caps.map((cap) => ({
    ...owner,
    visitTypeId: cap.visitTypeId ?? null,
    maxVisits: cap.maxVisits,
    validFrom: cap.validFrom,
    validTo: cap.validTo ?? null,
  }));
  if (rows.length > 0) await db.insertInto('dailyCaps').values(rows).execute();
};
