import type {
  OrganizationId,
  PayerId,
  PersonId,
  VisitTypeId,
  WaitlistEntry,
  WaitlistEntryId,
  WaitlistStatus,
} from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { statusAt } from './model.ts';

export interface EntryRow {
  readonly id: WaitlistEntryId;
  readonly organizationId: OrganizationId;
  readonly position: string;
  readonly status: WaitlistStatus;
  readonly patientId: PersonId;
  readonly patientName: string;
  readonly visitTypeId: VisitTypeId;
  readonly visitTypeName: string;
  readonly durationMinutes: number;
  readonly providerId: PersonId | null;
  readonly providerName: string | null;
  readonly specialty: string | null;
  readonly earliestAt: Date;
  readonly latestAt: Date;
  readonly createdAt: Date;
  readonly lapses: number;
  /** Of the offer that is not closed, over or not. */
  readonly offerExpiresAt: Date | null;
  readonly offerStartsAt: Date | null;
  readonly offerEndsAt: Date | null;
  readonly offerProviderId: PersonId | null;
  readonly offerProviderName: string | null;
  readonly offerTimeZone: string | null;
}

const selectEntries = (where: ReturnType<typeof sql>) => sql<EntryRow>`
  SELECT entry.id, entry.organization_id, entry.position, entry.status, entry.patient_id,
    patient.display_name AS patient_name, entry.visit_type_id, visit_type.name AS visit_type_name,
    visit_type.duration_minutes, entry.provider_id, provider.display_name AS provider_name, entry.specialty,
    entry.earliest_at, entry.latest_at, entry.created_at,
    (SELECT count(*) FROM waitlist_offers WHERE entry_id = entry.id AND waitlist_offers.status = 'lapsed')::int AS lapses,
    offer.expires_at AS offer_expires_at, offer.starts_at AS offer_starts_at, offer.ends_at AS offer_ends_at,
    offer.provider_id AS offer_provider_id, offerer.display_name AS offer_provider_name,
    offerer.time_zone AS offer_time_zone
  FROM waitlist_entries AS entry
  JOIN people AS patient ON patient.id = entry.patient_id
  JOIN visit_types AS visit_type ON visit_type.id = entry.visit_type_id
  LEFT JOIN people AS provider ON provider.id = entry.provider_id
  LEFT JOIN waitlist_offers AS offer ON offer.entry_id = entry.id AND offer.status = 'live'
  LEFT JOIN people AS offerer ON offerer.id = offer.provider_id
  WHERE ${where}`;

export const toWaitlistEntry = (row: EntryRow, now: Date): WaitlistEntry => {
  const status = statusAt(row, now);
  const offer =
    status === 'offered' &&
    row.offerProviderId !== null &&
    row.offerStartsAt !== null &&
    row.offerEndsAt !== null &&
    row.offerExpiresAt !== null
      ? {
          provider: {
            id: row.offerProviderId,
            displayName: row.offerProviderName ?? '',
            timeZone: row.offerTimeZone ?? 'UTC',
          },
          startsAt: row.offerStartsAt.toISOString(),
          endsAt: row.offerEndsAt.toISOString(),
          expiresAt: row.offerExpiresAt.toISOString(),
        }
      : undefined;
  return {
    id: row.id,
    status,
    patient: { id: row.patientId, displayName: row.patientName },
    visitType: { id: row.visitTypeId, name: row.visitTypeName, durationMinutes: row.durationMinutes },
    ...(row.providerId === null ? {} : { provider: { id: row.providerId, displayName: row.providerName ?? '' } }),
    ...(row.specialty === null ? {} : { specialty: row.specialty }),
    earliestAt: row.earliestAt.toISOString(),
    latestAt: row.latestAt.toISOString(),
    createdAt: row.createdAt.toISOString(),
    ...(offer === undefined ? {} : { offer }),
  };
};

export const findEntry = async (db: Db, id: string): Promise<EntryRow | undefined> =>
  (await selectEntries(sql`entry.id = ${id}`).execute(db)).rows[0];

/** Keeps others from the entry until the transaction ends. Entries come before people where both are locked. */
export const lockEntry = async (db: Db, id: WaitlistEntryId): Promise<void> => {
  await db.selectFrom('waitlistEntries').select('id').where('id', '=', id).forUpdate().execute();
};

interface Page {
  readonly limit: number;
  /** `position` of the last entry of the page before. */
  readonly after: string | undefined;
}

/** A patient's own places, the latest first. */
export const entriesOfPatient = async (
  db: Db,
  { patientId, organizationId }: { readonly patientId: PersonId; readonly organizationId: OrganizationId },
  page: Page,
): Promise<EntryRow[]> => {
  const after = page.after === undefined ? sql`` : sql`AND entry.position < ${page.after}::bigint`;
  return (
    await selectEntries(
      sql`entry.patient_id = ${patientId} AND entry.organization_id = ${organizationId} ${after}
        ORDER BY entry.position DESC LIMIT ${page.limit}`,
    ).execute(db)
  ).rows;
};

/** The line of an organization: who waits or has an offer, first come first. */
export const lineOf = async (
  db: Db,
  organizationId: OrganizationId,
  page: Page & { readonly now: Date },
): Promise<EntryRow[]> => {
  const after = page.after === undefined ? sql`` : sql`AND entry.position > ${page.after}::bigint`;
  return (
    await selectEntries(
      sql`entry.organization_id = ${organizationId} AND entry.status IN ('waiting', 'offered')
        AND entry.latest_at > ${page.now} ${after} ORDER BY entry.position LIMIT ${page.limit}`,
    ).execute(db)
  ).rows;
};

export interface NewEntry {
  readonly organizationId: OrganizationId;
  readonly patientId: PersonId;
  readonly visitTypeId: VisitTypeId;
  readonly providerId: PersonId | null;
  readonly specialty: string | null;
  readonly earliestAt: Date;
  readonly latestAt: Date;
  readonly patientRegion: string | null;
  readonly payerId: PayerId | null;
  readonly madeBy: PersonId;
}

export const insertEntry = (db: Db, entry: NewEntry, now: Date): Promise<{ id: WaitlistEntryId }> =>
  db
    .insertInto('waitlistEntries')
    .values({ ...entry, createdAt: now, updatedAt: now })
    .returning('id')
    .executeTakeFirstOrThrow();

export const setEntryStatus = async (db: Db, id: WaitlistEntryId, status: WaitlistStatus, now: Date): Promise<void> => {
  await db.updateTable('waitlistEntries').set({ status, updatedAt: now }).where('id', '=', id).execute();
};

/** The places that a patient has and that are not over, as far as a new one is compared with them. */
export const livePlaces = (db: Db, patientId: PersonId, now: Date) =>
  db
    .selectFrom('waitlistEntries')
    .select(['visitTypeId', 'providerId', 'specialty'])
    .where('patientId', '=', patientId)
    .where('status', 'in', ['waiting', 'offered'])
    .where('latestAt', '>', now)
    .execute();

/** What a request to wait is judged by: which of the things it names are there. */
export const placeFacts = async (
  db: Db,
  ask: Pick<NewEntry, 'organizationId' | 'patientId' | 'visitTypeId' | 'providerId' | 'specialty' | 'payerId'>,
): Promise<{
  readonly patientRegion: string | null;
  readonly patientIsKnown: boolean;
  readonly visitTypeIsKnown: boolean;
  readonly providerIsKnown: boolean;
  readonly specialtyIsKnown: boolean;
  readonly payerIsKnown: boolean;
  readonly requiresLicense: boolean;
}> => {
  const { rows } = await sql<Awaited<ReturnType<typeof placeFacts>>>`
    SELECT organization.requires_license,
      (SELECT region FROM patients WHERE person_id = ${ask.patientId}) AS patient_region,
      EXISTS (SELECT FROM patients JOIN people ON people.id = patients.person_id AND people.is_active
        WHERE patients.person_id = ${ask.patientId} AND patients.organization_id = organization.id) AS patient_is_known,
      EXISTS (SELECT FROM visit_types
        WHERE id = ${ask.visitTypeId} AND organization_id = organization.id AND is_active) AS visit_type_is_known,
      EXISTS (SELECT FROM providers JOIN people ON people.id = providers.person_id AND people.is_active
        WHERE providers.person_id = ${ask.providerId} AND providers.organization_id = organization.id) AS provider_is_known,
      EXISTS (SELECT FROM providers
        WHERE providers.organization_id = organization.id AND providers.specialty = ${ask.specialty}) AS specialty_is_known,
      EXISTS (SELECT FROM payers
        WHERE id = ${ask.payerId} AND organization_id = organization.id AND is_active) AS payer_is_known
    FROM organizations AS organization WHERE organization.id = ${ask.organizationId}`.execute(db);
  const [facts] = rows;
  if (facts === undefined) throw new Error('A person without an organization.');
  return facts;
};
