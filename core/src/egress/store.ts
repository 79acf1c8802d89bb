import type { Agreement, AgreementId, AgreementRequest, OrganizationId, PersonId } from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { type AgreementTerms, isExpiring, isInForce } from './model.ts';

/** Rows of one organization, ended ones too. */
export const AGREEMENTS_MAX = 500;

/** Every row for a host, and what day it is where the organization is. */
export const termsFor = async (
  db: Db,
  which: { readonly organizationId: OrganizationId; readonly destination: string },
): Promise<AgreementTerms[]> =>
  db
    .selectFrom('businessAssociateAgreements')
    .where('organizationId', '=', which.organizationId)
    .where('destination', '=', which.destination.toLowerCase())
    .select(['id', 'categories', 'validFrom', 'validTo', 'endedAt'])
    .orderBy('validFrom', 'desc')
    .limit(AGREEMENTS_MAX)
    .execute();

export const timeZoneOf = async (db: Db, organizationId: OrganizationId): Promise<string> =>
  (await db.selectFrom('organizations').where('id', '=', organizationId).select('timeZone').executeTakeFirstOrThrow())
    .timeZone;

/** Newest first. */
export const listAgreements = async (db: Db, organizationId: OrganizationId, today: string): Promise<Agreement[]> => {
  const rows = await db
    .selectFrom('businessAssociateAgreements')
    .where('organizationId', '=', organizationId)
    .selectAll()
    .orderBy('recordedAt', 'desc')
    .orderBy('id')
    .limit(AGREEMENTS_MAX)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    basis: row.basis,
    vendor: row.vendor,
    purpose: row.purpose,
    destination: row.destination,
    categories: row.categories,
    documentReference: row.documentReference,
    validFrom: row.validFrom,
    ...(row.validTo === null ? {} : { validTo: row.validTo }),
    recordedAt: row.recordedAt.toISOString(),
    ...(row.endedAt === null ? {} : { endedAt: row.endedAt.toISOString() }),
    isInForce: isInForce(row, today),
    isExpiring: isExpiring(row, today),
  }));
};

export const insertAgreement = async (
  db: Db,
  agreement: AgreementRequest & {
    readonly id: AgreementId;
    readonly organizationId: OrganizationId;
    readonly recordedBy: PersonId;
    readonly recordedAt: Date;
  },
): Promise<void> => {
  await db
    .insertInto('businessAssociateAgreements')
    .values({ ...agreement, validTo: agreement.validTo ?? null })
    .execute();
};

/** False where there is none that is not ended. */
export const endAgreement = async (
  db: Db,
  which: { readonly id: AgreementId; readonly organizationId: OrganizationId },
  end: { readonly by: PersonId; readonly at: Date },
): Promise<boolean> => {
  const ended = await db
    .updateTable('businessAssociateAgreements')
    .set({ endedBy: end.by, endedAt: end.at })
    .where('id', '=', which.id)
    .where('organizationId', '=', which.organizationId)
    .where('endedAt', 'is', null)
    .executeTakeFirst();
  return ended.numUpdatedRows === 1n;
};

/** Hosts to which data may go today and, as things stand, no longer in 30 days; of all organizations. */
export const countExpiring = async (db: Db, now: Date): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*)::int AS count FROM (
      SELECT FROM business_associate_agreements AS agreement
      JOIN organizations ON organizations.id = agreement.organization_id
      CROSS JOIN LATERAL (SELECT (${now}::timestamptz AT TIME ZONE organizations.time_zone)::date AS today) AS at
      WHERE ended_at IS NULL AND valid_from <= today AND (valid_to IS NULL OR valid_to >= today)
      GROUP BY agreement.organization_id, destination, today
      HAVING bool_and(valid_to IS NOT NULL AND valid_to <= today + 30)
    ) AS host`.execute(db);
  return rows[0]?.count ?? 0;
};
