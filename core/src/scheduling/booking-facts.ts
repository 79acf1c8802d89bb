import type {
  AppointmentId,
  EncounterId,
  IntakeQuestion,
  Modality,
  OrganizationId,
  PayerId,
  PersonId,
  VisitTypeId,
} from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Opening } from './openings.ts';
import type { Dated, PayerRuleFact } from './rules.ts';

/** A visit type with all that judging and showing a visit of it needs. */
export interface VisitTypeFacts {
  readonly id: VisitTypeId;
  readonly name: string;
  readonly modality: Modality;
  readonly durationMinutes: number;
  readonly bufferBeforeMinutes: number;
  readonly bufferAfterMinutes: number;
  readonly stepMinutes: number | null;
  readonly minimumNoticeMinutes: number;
  readonly bookingHorizonDays: number;
  readonly cancelNoticeMinutes: number;
  readonly seats: number;
  readonly selfPay: boolean;
  readonly intakeQuestions: IntakeQuestion[];
  readonly earlyEntryMinutes: number;
  readonly lateEntryMinutes: number;
}

export interface ProviderFacts {
  readonly id: PersonId;
  readonly displayName: string;
  readonly timeZone: string;
  /** Of their availability. */
  readonly version: number;
  /** The days around the wanted time, as `slot_days` has them. */
  readonly days: readonly { readonly openings: readonly Opening[] }[];
  /** Live claims on those days, in milliseconds, ascending. */
  readonly busy: readonly { readonly startsAtMs: number; readonly endsAtMs: number }[];
  /** Where they may see patients; empty where the organization asks for no licence. */
  readonly regions: readonly (Dated & { readonly region: string })[];
}

export interface GroupFacts {
  readonly encounterId: EncounterId;
  readonly providerId: PersonId;
  readonly visitTypeId: VisitTypeId;
  readonly startsAtMs: number;
  readonly people: readonly PersonId[];
}

/** What `booking_facts` of migration 0003 answers, which a wanted time is judged by. Null: there is no such thing in this organization, or no longer. */
export interface BookingFacts {
  readonly requiresLicense: boolean;
  readonly visitType: VisitTypeFacts | null;
  readonly providers: readonly ProviderFacts[];
  readonly patient: { readonly displayName: string; readonly region: string | null } | null;
  readonly payerIsKnown: boolean;
  readonly payerRules: readonly PayerRuleFact[];
  readonly group: GroupFacts | null;
}

export interface WantedFacts {
  readonly organizationId: OrganizationId;
  readonly visitTypeId: VisitTypeId;
  /** The visit's provider first. */
  readonly providerIds: readonly PersonId[];
  /** Undefined: a session whose patients come later. */
  readonly patientId: PersonId | undefined;
  readonly payerId: PayerId | undefined;
  readonly groupAppointmentId: AppointmentId | undefined;
  readonly startsAt: Date;
  readonly now: Date;
  /** The appointment that is being moved: its own time is no obstacle. */
  readonly replacedId?: AppointmentId | undefined;
}

/** Everything that a booking is judged by, in one round trip. */
export const bookingFacts = async (db: Db, wanted: WantedFacts): Promise<BookingFacts> => {
  const [facts] = await bookingFactsOf(db, [wanted]);
  if (facts === undefined) throw new Error('Facts without a row.');
  return facts;
};

/** The facts of several wanted times, in their order, in one round trip. */
export const bookingFactsOf = async (db: Db, wanted: readonly WantedFacts[]): Promise<BookingFacts[]> => {
  const { rows } = await sql<{ facts: BookingFacts }>`
    SELECT booking_facts(wanted) AS facts
    FROM jsonb_array_elements(${JSON.stringify(wanted)}::jsonb) WITH ORDINALITY AS given (wanted, place)
    ORDER BY place`.execute(db);
  return rows.map((row) => row.facts);
};
