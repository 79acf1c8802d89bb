import type {
  AppointmentId,
  AppointmentStatus,
  EncounterId,
  EncounterStatus,
  EndReason,
  OrganizationId,
  PersonId,
  Presence,
  RoomId,
  VisitRole,
  VisitTypeId,
} from '@bedside/protocol';
import type { Db } from '../db/database.ts';
import type { PatientRelation } from '../policy/relations.ts';
import { type AppointmentEvent, afterAppointmentEvent } from '../scheduling/appointment-model.ts';
import { setAppointmentStatus } from '../scheduling/appointment-store.ts';
import { afterEncounterEvent, type EncounterEvent } from './encounter-model.ts';

/** Somebody who belongs to a visit, and where they are. */
export interface Member {
  readonly personId: PersonId;
  readonly role: VisitRole;
  readonly presence: Presence;
  readonly since: Date;
  readonly connected: boolean;
  readonly seenAt: Date | null;
  readonly admittedAt: Date | null;
  readonly enteredAt: Date | null;
  readonly leftAt: Date | null;
}

/** An encounter with its appointment and its people: all that decisions about a visit need. */
export interface Visit {
  readonly encounterId: EncounterId;
  readonly organizationId: OrganizationId;
  readonly status: EncounterStatus;
  readonly roomId: RoomId;
  readonly lastMessageSeq: number;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly endReason: EndReason | null;
  readonly appointmentId: AppointmentId;
  readonly appointmentStatus: AppointmentStatus;
  readonly version: number;
  readonly visitTypeId: VisitTypeId;
  /** Null in a group session: every member of the role `patient` is one. */
  readonly patientId: PersonId | null;
  /** Where the patient said they will be, ISO 3166-2. */
  readonly patientRegion: string | null;
  readonly providerId: PersonId;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly earlyEntryMinutes: number;
  readonly lateEntryMinutes: number;
  /** A patient who cancels or moves the visit later than this before its start has to call. */
  readonly cancelNoticeMinutes: number;
  /** Of whoever asks, where they are none of its people; absent: they are, or nobody asks. */
  readonly relations?: readonly PatientRelation[];
  /** Those who gave their seat back are none. */
  readonly members: readonly Member[];
}

export const memberOf = (visit: Visit, personId: PersonId): Member | undefined =>
  visit.members.find((member) => member.personId === personId);

export const isPatientOf = (visit: Visit, personId: PersonId): boolean => memberOf(visit, personId)?.role === 'patient';

export const patientIdsOf = (visit: Visit): readonly PersonId[] =>
  visit.members.filter(({ role }) => role === 'patient').map((member) => member.personId);

const selectVisit = (db: Db, encounterId: EncounterId) =>
  db
    .selectFrom('encounters')
    .innerJoin('appointments', 'appointments.id', 'encounters.appointmentId')
    .innerJoin('visitTypes', 'visitTypes.id', 'appointments.visitTypeId')
    .where('encounters.id', '=', encounterId)
    .select([
      'encounters.id as encounterId',
      'encounters.organizationId',
      'encounters.status',
      'encounters.roomId',
      'encounters.lastMessageSeq',
      'encounters.startedAt',
      'encounters.endedAt',
      'encounters.endReason',
      'encounters.appointmentId',
      'appointments.status as appointmentStatus',
      'appointments.version',
      'appointments.visitTypeId',
      'appointments.patientRegion',
      'encounters.patientId',
      'encounters.providerId',
      'appointments.startsAt',
      'appointments.endsAt',
      'visitTypes.earlyEntryMinutes',
      'visitTypes.lateEntryMinutes',
      'visitTypes.cancelNoticeMinutes',
    ]);

const selectMembers = (db: Db, encounterId: EncounterId) =>
  db
    .selectFrom('presences')
    .where('encounterId', '=', encounterId)
    .where('participation', '=', 'accepted')
    .select(['personId', 'role', 'presence', 'since', 'connected', 'seenAt', 'admittedAt', 'enteredAt', 'leftAt'])
    .orderBy('role')
    .orderBy('personId');

export const findVisit = async (db: Db, encounterId: EncounterId): Promise<Visit | undefined> => {
  const [row, members] = await Promise.all([
    selectVisit(db, encounterId).executeTakeFirst(),
    selectMembers(db, encounterId).execute(),
  ]);
  return row && { ...row, members };
};

/**
 * Reads a visit and keeps it from changing until the transaction ends. The encounter's row is the visit's only lock. It
 * is taken by a statement of its own: one that had to wait would show the appointment as it was before.
 */
export const lockVisit = async (db: Db, encounterId: EncounterId): Promise<Visit | undefined> => {
  const locked = await db
    .selectFrom('encounters')
    .where('id', '=', encounterId)
    .select('id')
    .forNoKeyUpdate()
    .executeTakeFirst();
  const row = locked && (await selectVisit(db, encounterId).executeTakeFirst());
  return row && { ...row, members: await selectMembers(db, encounterId).execute() };
};

/** Moves the appointment along where the event means something in its status; answers the status after it. */
export const moveAppointment = async (
  db: Db,
  visit: Visit,
  event: AppointmentEvent,
  now: Date,
): Promise<AppointmentStatus> => {
  const status = afterAppointmentEvent(visit.appointmentStatus, event);
  if (status === undefined) return visit.appointmentStatus;
  await setAppointmentStatus(db, visit.appointmentId, { status, updatedAt: now });
  return status;
};

/** Moves the encounter along; answers whether it did. `reason` is given with the events that end it. */
export const moveEncounter = async (
  db: Db,
  visit: Visit,
  event: EncounterEvent,
  how: { readonly now: Date; readonly reason?: EndReason },
): Promise<boolean> => {
  const status = afterEncounterEvent(visit.status, event);
  if (status === undefined) return false;
  const change =
    event === 'begin'
      ? { status, startedAt: how.now }
      : { status, endedAt: how.now, endReason: how.reason ?? 'ended-by-host' };
  await db.updateTable('encounters').set(change).where('id', '=', visit.encounterId).execute();
  return true;
};

export const updateMember = async (
  db: Db,
  visit: Visit,
  personId: PersonId,
  change: Partial<Member>,
): Promise<void> => {
  await db
    .updateTable('presences')
    .set(change)
    .where('encounterId', '=', visit.encounterId)
    .where('personId', '=', personId)
    .execute();
};
