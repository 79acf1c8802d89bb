import type {
  AppointmentId,
  HoldId,
  OrganizationId,
  PayerId,
  PersonId,
  VisitTypeId,
  WaitlistEntryId,
} from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { ACTIVE_STATUSES } from '../scheduling/appointment-model.ts';

/** A provider's time that became free and lies ahead. */
export interface FreedSlot {
  readonly organizationId: OrganizationId;
  readonly providerId: PersonId;
  readonly startsAt: Date;
  readonly endsAt: Date;
  /** The session in which a seat became free, where it is one. */
  readonly groupAppointmentId: AppointmentId | null;
  readonly groupVisitTypeId: VisitTypeId | null;
}

/**
 * What these appointments freed: those that are cancelled or moved, or were moved to one of them, the time of every
 * provider in them; of a session that still takes place, the seat that somebody gave back.
 */
export const freedByAppointments = async (db: Db, ids: readonly string[], now: Date): Promise<FreedSlot[]> => {
  const { rows } = await sql<FreedSlot>`
    SELECT appointment.organization_id, presence.person_id AS provider_id, appointment.starts_at, appointment.ends_at,
      NULL AS group_appointment_id, NULL AS group_visit_type_id
    FROM appointments AS appointment
    JOIN encounters AS encounter ON encounter.appointment_id = appointment.id
    JOIN presences AS presence ON presence.encounter_id = encounter.id AND presence.role = 'provider'
    WHERE (appointment.id = ANY(${ids}::uuid[]) OR appointment.rescheduled_to = ANY(${ids}::uuid[]))
      AND appointment.status IN ('cancelled', 'rescheduled', 'entered-in-error') AND appointment.starts_at > ${now}
    UNION ALL
    SELECT appointment.organization_id, appointment.provider_id, appointment.starts_at, appointment.ends_at,
      appointment.id, appointment.visit_type_id
    FROM appointments AS appointment
    WHERE appointment.id = ANY(${ids}::uuid[]) AND appointment.patient_id IS NULL
      AND appointment.status = 'booked' AND appointment.starts_at > ${now}
    ORDER BY starts_at, provider_id`.execute(db);
  return rows;
};

/** What offers that are closed and were not accepted freed: the provider's time, or the seat in their session. */
export const freedByOffers = async (db: Db, offerIds: readonly string[], now: Date): Promise<FreedSlot[]> => {
  const { rows } = await sql<FreedSlot>`
    SELECT offer.organization_id, offer.provider_id, offer.starts_at, offer.ends_at,
      session.id AS group_appointment_id, session.visit_type_id AS group_visit_type_id
    FROM waitlist_offers AS offer
    LEFT JOIN appointments AS session ON session.provider_id = offer.provider_id
      AND session.starts_at = offer.starts_at AND session.patient_id IS NULL AND session.status = ANY(${ACTIVE_STATUSES})
    WHERE offer.id = ANY(${offerIds}::uuid[]) AND offer.status IN ('declined', 'lapsed', 'withdrawn')
      AND offer.starts_at > ${now}
    ORDER BY offer.starts_at, offer.id`.execute(db);
  return rows;
};

/** What changes of hours opened and is still ahead, from `notBefore` on. */
export const freedByOpening = async (db: Db, ids: readonly string[], notBefore: Date): Promise<FreedSlot[]> => {
  const { rows } = await sql<FreedSlot>`
    SELECT organization_id, provider_id, greatest(starts_at, ${notBefore}) AS starts_at, ends_at,
      NULL AS group_appointment_id, NULL AS group_visit_type_id
    FROM opened_times WHERE id = ANY(${ids}::uuid[]) AND ends_at > ${notBefore}
    ORDER BY starts_at, id`.execute(db);
  return rows;
};

export const forgetOpened = async (db: Db, ids: readonly string[]): Promise<void> => {
  await sql`DELETE FROM opened_times WHERE id = ANY(${ids}::uuid[])`.execute(db);
};

/** Holds looked at in one go. */
const LAPSED_MAX = 500;

/** What patients held and let lapse in between, the first included: everybody's time who works in it, or the seat. */
export const freedByHolds = async (
  db: Db,
  lapsed: { readonly after: Date; readonly until: Date },
): Promise<FreedSlot[]> => {
  const { rows } = await sql<FreedSlot>`
    SELECT hold.organization_id, person.id AS provider_id, hold.starts_at, hold.ends_at,
      hold.group_appointment_id, CASE WHEN hold.group_appointment_id IS NOT NULL THEN hold.visit_type_id END AS group_visit_type_id
    FROM holds AS hold
    CROSS JOIN LATERAL (
      SELECT hold.provider_id AS id
      UNION SELECT (other ->> 'personId')::uuid FROM jsonb_array_elements(hold.additional) AS other
      WHERE other ->> 'role' = 'provider'
    ) AS person
    WHERE hold.expires_at > ${lapsed.after} AND hold.expires_at <= ${lapsed.until} AND hold.starts_at > ${lapsed.until}
      AND NOT EXISTS (SELECT FROM waitlist_offers WHERE waitlist_offers.hold_id = hold.id)
    ORDER BY hold.expires_at, hold.id LIMIT ${LAPSED_MAX}`.execute(db);
  return rows;
};

/** When the next hold lapses. */
export const nextLapse = async (db: Db, now: Date): Promise<Date | undefined> => {
  const row = await db
    .selectFrom('holds')
    .where('expiresAt', '>', now)
    .select('expiresAt')
    .orderBy('expiresAt')
    .limit(1)
    .executeTakeFirst();
  return row?.expiresAt;
};

/** Somebody in line whom a freed time may suit. */
export interface Candidate {
  readonly entryId: WaitlistEntryId;
  readonly position: string;
  readonly patientId: PersonId;
  readonly timeZone: string;
  readonly visitTypeId: VisitTypeId;
  readonly earliestAt: Date;
  readonly latestAt: Date;
  readonly patientRegion: string | null;
  readonly payerId: PayerId | null;
  /** Starts with this provider that they were offered or gave up before. */
  readonly refusedStarts: readonly Date[];
}

/** The next who wait for such a time, in the order of the line. */
export const candidatesFor = async (
  db: Db,
  freed: FreedSlot,
  page: { readonly now: Date; readonly after: string; readonly limit: number },
): Promise<Candidate[]> => {
  const { rows } = await sql<Candidate>`
    SELECT entry.id AS entry_id, entry.position, entry.patient_id, patient.time_zone, entry.visit_type_id,
      entry.earliest_at, entry.latest_at, entry.patient_region, entry.payer_id,
      array(
        SELECT offer.starts_at FROM waitlist_offers AS offer
        JOIN waitlist_entries AS other ON other.id = offer.entry_id AND other.patient_id = entry.patient_id
        WHERE offer.provider_id = ${freed.providerId} AND offer.starts_at < ${freed.endsAt} AND offer.ends_at > ${freed.startsAt}
        UNION
        SELECT appointment.starts_at FROM appointments AS appointment
        JOIN encounters AS encounter ON encounter.appointment_id = appointment.id
        JOIN presences AS presence ON presence.encounter_id = encounter.id AND presence.person_id = entry.patient_id
        WHERE appointment.provider_id = ${freed.providerId} AND appointment.starts_at < ${freed.endsAt}
          AND appointment.ends_at > ${freed.startsAt}
      ) AS refused_starts
    FROM waitlist_entries AS entry
    JOIN people AS patient ON patient.id = entry.patient_id AND patient.is_active
    JOIN providers AS provider ON provider.person_id = ${freed.providerId}
    WHERE entry.organization_id = ${freed.organizationId} AND entry.status = 'waiting'
      AND entry.position > ${page.after}::bigint
      AND (entry.provider_id = provider.person_id
        OR (entry.provider_id IS NULL AND (entry.specialty IS NULL OR entry.specialty = provider.specialty)))
      AND (${freed.groupVisitTypeId}::uuid IS NULL OR entry.visit_type_id = ${freed.groupVisitTypeId})
      AND entry.earliest_at < ${freed.endsAt} AND entry.latest_at > ${freed.startsAt} AND entry.latest_at > ${page.now}
      AND entry.patient_id <> ${freed.providerId}
    ORDER BY entry.position LIMIT ${page.limit}`.execute(db);
  return rows;
};

/** Whether the entry, kept from now on until the transaction ends, still waits. */
export const lockWaiting = async (db: Db, id: WaitlistEntryId): Promise<boolean> => {
  const row = await db
    .selectFrom('waitlistEntries')
    .select('status')
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row?.status === 'waiting';
};

/** One offering after the other in an organization: two at once could pass somebody in line. */
export const lockLine = async (db: Db, organizationId: OrganizationId): Promise<void> => {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended('waitlist ' || ${organizationId}::text, 0))`.execute(db);
};

export interface NewOffer {
  readonly organizationId: OrganizationId;
  readonly entryId: WaitlistEntryId;
  readonly holdId: HoldId;
  readonly createdAt: Date;
}

/** An offer of what the hold keeps. */
export const insertOffer = async (db: Db, offer: NewOffer): Promise<string> => {
  const { rows } = await sql<{ id: string }>`
    INSERT INTO waitlist_offers (organization_id, entry_id, hold_id, provider_id, starts_at, ends_at, expires_at, created_at)
    SELECT ${offer.organizationId}, ${offer.entryId}, id, provider_id, starts_at, ends_at, expires_at, ${offer.createdAt}
    FROM holds WHERE id = ${offer.holdId}
    RETURNING id`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('An offer without its hold.');
  return row.id;
};

export interface LiveOffer {
  readonly id: string;
  readonly organizationId: OrganizationId;
  readonly entryId: WaitlistEntryId;
  readonly patientId: PersonId;
  readonly holdId: HoldId | null;
  readonly providerId: PersonId;
  readonly expiresAt: Date;
}

const selectLive = (db: Db) =>
  db
    .selectFrom('waitlistOffers')
    .innerJoin('waitlistEntries', 'waitlistEntries.id', 'waitlistOffers.entryId')
    .where('waitlistOffers.status', '=', 'live')
    .select([
      'waitlistOffers.id',
      'waitlistOffers.organizationId',
      'waitlistOffers.entryId',
      'waitlistEntries.patientId',
      'waitlistOffers.holdId',
      'waitlistOffers.providerId',
      'waitlistOffers.expiresAt',
    ]);

/** The offer of an entry that is not closed, over or not. */
export const liveOfferOf = (db: Db, entryId: WaitlistEntryId): Promise<LiveOffer | undefined> =>
  selectLive(db).where('waitlistOffers.entryId', '=', entryId).executeTakeFirst();

export const closeOffer = async (
  db: Db,
  id: string,
  status: 'accepted' | 'declined' | 'lapsed' | 'withdrawn',
  now: Date,
): Promise<void> => {
  await db.updateTable('waitlistOffers').set({ status, closedAt: now }).where('id', '=', id).execute();
};

/** Offers that nobody answered in time, longest over first; of one organization, or of all. */
export const overdueOffers = (
  db: Db,
  which: { readonly now: Date; readonly limit: number; readonly organizationId?: OrganizationId },
): Promise<LiveOffer[]> => {
  const overdue = selectLive(db)
    .where('waitlistOffers.expiresAt', '<=', which.now)
    .orderBy('waitlistOffers.expiresAt')
    .orderBy('waitlistOffers.id')
    .limit(which.limit);
  const { organizationId } = which;
  return (
    organizationId === undefined ? overdue : overdue.where('waitlistOffers.organizationId', '=', organizationId)
  ).execute();
};

export const lapsesOf = async (db: Db, entryId: WaitlistEntryId): Promise<number> => {
  const { count } = await db
    .selectFrom('waitlistOffers')
    .where('entryId', '=', entryId)
    .where('status', '=', 'lapsed')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
};

/** Places whose window has passed say so. */
export const closePassedEntries = async (db: Db, now: Date): Promise<void> => {
  await sql`UPDATE waitlist_entries SET status = 'lapsed', updated_at = ${now}
    WHERE status = 'waiting' AND latest_at <= ${now}`.execute(db);
};
