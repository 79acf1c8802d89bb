import type {
  AdditionalPerson,
  AppointmentId,
  EncounterId,
  Hold,
  HoldId,
  OrganizationId,
  PayerId,
  PersonId,
} from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { VisitTypeFacts } from './booking-facts.ts';

/** A hold as it stands in the database, over or not. */
export interface HeldTime {
  readonly id: HoldId;
  readonly organizationId: OrganizationId;
  readonly token: string;
  readonly madeBy: PersonId;
  readonly patientId: PersonId;
  readonly providerId: PersonId;
  readonly providerName: string;
  readonly providerTimeZone: string;
  readonly visitTypeId: VisitTypeFacts['id'];
  readonly visitType: VisitTypeFacts;
  readonly additional: AdditionalPerson[];
  readonly groupAppointmentId: AppointmentId | null;
  readonly groupEncounterId: EncounterId | null;
  readonly patientRegion: string | null;
  readonly payerId: PayerId | null;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly providerDate: string;
  readonly expiresAt: Date;
  readonly extended: boolean;
}

const selectHolds = (db: Db) =>
  db
    .selectFrom('holds')
    .innerJoin('people', 'people.id', 'holds.providerId')
    .innerJoin('visitTypes', 'visitTypes.id', 'holds.visitTypeId')
    .leftJoin('encounters', 'encounters.appointmentId', 'holds.groupAppointmentId')
    .select([
      'holds.id',
      'holds.organizationId',
      'holds.token',
      'holds.madeBy',
      'holds.patientId',
      'holds.providerId',
      'people.displayName as providerName',
      'people.timeZone as providerTimeZone',
      'holds.visitTypeId',
      sql<VisitTypeFacts>`visit_type_facts(visit_types)`.as('visitType'),
      'holds.additional',
      'holds.groupAppointmentId',
      'encounters.id as groupEncounterId',
      'holds.patientRegion',
      'holds.payerId',
      'holds.startsAt',
      'holds.endsAt',
      'holds.providerDate',
      'holds.expiresAt',
      'holds.extended',
    ]);

export const findHold = (db: Db, id: HoldId): Promise<HeldTime | undefined> =>
  selectHolds(db).where('holds.id', '=', id).executeTakeFirst();

/** What somebody holds now, soonest over first. */
export const liveHoldsOf = (db: Db, madeBy: PersonId, options: { now: Date; limit: number }): Promise<HeldTime[]> =>
  selectHolds(db)
    .where('holds.madeBy', '=', madeBy)
    // What the waitlist keeps for somebody is answered there: whoever has its token could prolong it.
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('waitlistOffers').select('id').whereRef('waitlistOffers.holdId', '=', 'holds.id'))),
    )
    .where('holds.expiresAt', '>', options.now)
    .orderBy('holds.expiresAt')
    .orderBy('holds.id')
    .limit(options.limit)
    .execute();

export const toHold = (hold: HeldTime): Hold => ({
  id: hold.id,
  token: hold.token,
  patientId: hold.patientId,
  provider: { id: hold.providerId, displayName: hold.providerName, timeZone: hold.providerTimeZone },
  visitType: {
    id: hold.visitType.id,
    name: hold.visitType.name,
    modality: hold.visitType.modality,
    durationMinutes: hold.visitType.durationMinutes,
    minimumNoticeMinutes: hold.visitType.minimumNoticeMinutes,
    bookingHorizonDays: hold.visitType.bookingHorizonDays,
    cancelNoticeMinutes: hold.visitType.cancelNoticeMinutes,
    seats: hold.visitType.seats,
    intakeQuestions: hold.visitType.intakeQuestions,
  },
  startsAt: hold.startsAt.toISOString(),
  endsAt: hold.endsAt.toISOString(),
  expiresAt: hold.expiresAt.toISOString(),
  extendable: !hold.extended,
});

/** Holds that are over are told of as over for so long; after that nobody asks. */
const REMEMBERED_MS = 24 * 60 * 60_000;
const SWEEP_BATCH = 5_000;

/**
 * Deletes what holds that are over left behind, and answers how many rows. Only tidies: nobody waits for it. The claims
 * go before the holds and in a transaction of their own: who books a hold takes its row before its claims.
 */
export const sweepHolds = async (db: Db, now: Date): Promise<number> => {
  const claims = await db
    .deleteFrom('calendarClaims')
    .where('id', 'in', (from) =>
      from
        .selectFrom('calendarClaims')
        .where('expiresAt', '<=', now)
        .select('id')
        .limit(SWEEP_BATCH)
        .forUpdate()
        .skipLocked(),
    )
    .executeTakeFirst();
  const holds = await db
    .deleteFrom('holds')
    .where('id', 'in', (from) =>
      from
        .selectFrom('holds')
        .where('expiresAt', '<=', new Date(now.getTime() - REMEMBERED_MS))
        .select('id')
        .limit(SWEEP_BATCH)
        .forUpdate()
        .skipLocked(),
    )
    .executeTakeFirst();
  return Number(claims.numDeletedRows + holds.numDeletedRows);
};
