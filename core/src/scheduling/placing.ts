import {
  type AdditionalPerson,
  AppError,
  type AppointmentId,
  type EncounterId,
  type ErrorCode,
  type HoldId,
  isErrorCode,
  type OrganizationId,
  type PayerId,
  type PersonId,
  type VisitRole,
  type VisitTypeId,
} from '@bedside/protocol';
import { sql } from 'kysely';
import type { Actor } from '../audit/audit.ts';
import type { Db } from '../db/database.ts';
import { brokenConstraint } from '../db/failures.ts';

/** Somebody of a visit. `claim`: whether the placement takes their time, which is `startsAt` to `endsAt`. */
export interface PlacedPerson {
  readonly id: PersonId;
  readonly role: VisitRole;
  readonly claim: boolean;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/** An idempotency key, and the hash of the request that it stands for. */
export interface RequestKey {
  readonly personId: PersonId;
  readonly key: string;
  readonly requestHash: string;
}

/** A time to be taken, judged already. The functions of migration 0003 read it as JSON. */
interface Placement {
  readonly now: Date;
  readonly organizationId: OrganizationId;
  readonly actor: Actor;
  /** Of the audit row. */
  readonly action: string;
  readonly people: readonly PlacedPerson[];
  /** By which version of whose availability the time was judged; empty where it needs to be no slot. */
  readonly judged: readonly { readonly id: PersonId; readonly version: number }[];
  readonly providerId: PersonId;
  readonly visitTypeId: VisitTypeId;
  readonly startsAt: Date;
  readonly endsAt: Date;
  /** `YYYY-MM-DD`, the provider's own day. */
  readonly providerDate: string;
  readonly patientRegion?: string | undefined;
  readonly payerId?: PayerId | undefined;
  readonly groupAppointmentId?: AppointmentId | undefined;
  /** Whether daily caps bind. */
  readonly capped: boolean;
  readonly key?: RequestKey | undefined;
}

export interface VisitPlacement extends Placement {
  /** Of a seat: the session's. */
  readonly id: AppointmentId;
  readonly encounterId: EncounterId;
  /** Undefined: set up by the system. */
  readonly madeBy: PersonId | undefined;
  /** Undefined: a session whose patients come later. */
  readonly patientId: PersonId | undefined;
  readonly seats: number;
  /** Sealed for the row that the placement makes (`sealAnswers`). */
  readonly answers?: string | undefined;
  readonly seriesId?: string | undefined;
  /** The appointment in whose place this one comes: it counts for no cap. Its claims are gone already. */
  readonly replacedId?: AppointmentId | undefined;
  readonly holdId?: HoldId | undefined;
  readonly token?: string | undefined;
}

export interface HoldPlacement extends Placement {
  readonly id: HoldId;
  readonly token: string;
  readonly madeBy: PersonId;
  readonly patientId: PersonId;
  readonly additional: readonly AdditionalPerson[];
  readonly expiresAt: Date;
  /** Live holds of the maker at the most; undefined: an offer, which is not theirs to choose. */
  readonly holdsMax?: number | undefined;
}

/** `changed`: a provider's availability is another than the one it was judged by. Only `placed` has changed anything. */
export type Placing =
  | { readonly kind: 'placed' }
  | { readonly kind: 'replayed'; readonly id: string }
  | { readonly kind: 'changed' }
  | { readonly kind: 'refused'; readonly code: ErrorCode };

interface Outcome {
  readonly outcome: string | null;
  readonly earlier: string | null;
}

/** What an outcome of the placing functions says. */
export const placingOf = ({ outcome, earlier }: Outcome, patientId: PersonId | undefined): Placing => {
  if (outcome === null) return { kind: 'placed' };
  if (outcome === 'replayed' && earlier !== null) return { kind: 'replayed', id: earlier };
  if (outcome === 'changed') return { kind: 'changed' };
  if (isErrorCode(outcome)) return { kind: 'refused', code: outcome };
  // Otherwise it is the id of whoever is busy.
  return { kind: 'refused', code: outcome === patientId ? 'patient_busy' : 'slot_taken' };
};

const callOf = (name: 'place_visit' | 'place_hold', placement: VisitPlacement | HoldPlacement) =>
  sql<Outcome>`SELECT * FROM ${sql.raw(name)}(${JSON.stringify(placement)}::jsonb)`;

const place = async (
  db: Db,
  name: 'place_visit' | 'place_hold',
  placement: VisitPlacement | HoldPlacement,
): Promise<Placing> => {
  try {
    const { rows } = await callOf(name, placement).execute(db);
    const [row] = rows;
    if (row === undefined) throw new Error('A placement without an outcome.');
    return placingOf(row, placement.patientId);
  } catch (error) {
    // Somebody wrote a claim without having locked the person: the constraint holds all the same.
    if (brokenConstraint(error) === 'calendar_claims_no_overlap') throw new AppError('slot_taken', { cause: error });
    throw error;
  }
};

/**
 * The one way to a booked visit: appointment, encounter, presences, claims, audit row, outbox row and idempotency key in
 * one statement, which is a transaction of its own where `db` is the pool. Locks the people, so in a transaction that
 * locks an encounter too, the encounter comes first.
 */
export const placeVisit = (db: Db, placement: VisitPlacement): Promise<Placing> => place(db, 'place_visit', placement);

/** The one way to a hold; as `placeVisit`. */
export const placeHold = (db: Db, placement: HoldPlacement): Promise<Placing> => place(db, 'place_hold', placement);

/** Keeps everybody else from these people's calendars until the transaction ends; before any of their claims changes. */
export const lockPeople = async (db: Db, ids: readonly PersonId[]): Promise<void> => {
  await sql`SELECT lock_people(${ids}::uuid[])`.execute(db);
};
