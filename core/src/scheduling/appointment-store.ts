import type {
  Appointment,
  AppointmentId,
  AppointmentStatus,
  PersonId,
  PersonSummary,
  VisitProvider,
  VisitRole,
} from '@bedside/protocol';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Tables } from '../db/tables.ts';
import { entryWindow } from '../encounters/encounter-model.ts';
import { isActive } from './appointment-model.ts';

/** Somebody of a visit who has not given their place back. */
export interface VisitPerson extends VisitProvider {
  readonly role: VisitRole;
}

const people = sql<VisitPerson[]>`(
  SELECT jsonb_agg(
    jsonb_build_object('id', people.id, 'displayName', people.display_name, 'timeZone', people.time_zone,
      'role', presences.role)
    ORDER BY people.display_name, people.id
  )
  FROM presences JOIN people ON people.id = presences.person_id
  WHERE presences.encounter_id = encounters.id AND presences.participation = 'accepted'
)`.as('people');

/** Appointments with what `toAppointment` needs; narrow it by where. */
export const selectAppointments = (db: Db) =>
  db
    .selectFrom('appointments')
    .innerJoin('encounters', 'encounters.appointmentId', 'appointments.id')
    .innerJoin('visitTypes', 'visitTypes.id', 'appointments.visitTypeId')
    .select([
      'appointments.id',
      'appointments.organizationId',
      'encounters.id as encounterId',
      'appointments.status',
      'encounters.status as encounterStatus',
      'appointments.version',
      'appointments.startsAt',
      'appointments.endsAt',
      'appointments.patientId',
      'appointments.providerId',
      'appointments.seats',
      // Of a session alone. Whoever looks at it may see none of the others' rows.
      sql<number | null>`CASE WHEN appointments.patient_id IS NULL THEN seats_taken(appointments.id) END`.as('taken'),
      'appointments.seriesId',
      'appointments.rescheduledTo',
      'visitTypes.id as visitTypeId',
      'visitTypes.name as visitTypeName',
      'visitTypes.modality',
      'visitTypes.durationMinutes',
      'visitTypes.cancelNoticeMinutes',
      'visitTypes.earlyEntryMinutes',
      'visitTypes.lateEntryMinutes',
      people,
    ]);

export type AppointmentRow = Awaited<ReturnType<ReturnType<typeof selectAppointments>['executeTakeFirstOrThrow']>>;

/** Through whose eyes an appointment is shown: staff see everybody, a patient of a group session themselves alone. */
export type Viewer = { readonly kind: 'staff' } | { readonly kind: 'patient'; readonly personId: PersonId };

export const STAFF: Viewer = { kind: 'staff' };

const summary = ({ id, displayName }: PersonSummary): PersonSummary => ({ id, displayName });

export const toAppointment = (row: AppointmentRow, viewer: Viewer): Appointment => {
  const { opensAt, closesAt } = entryWindow(row);
  const patients = row.people.filter((person) => person.role === 'patient');
  const patientId = viewer.kind === 'patient' ? viewer.personId : row.patientId;
  const patient = patients.find((person) => person.id === patientId);
  const provider = row.people.find((person) => person.id === row.providerId);
  if (provider === undefined) throw new Error('An appointment without its provider among its people.');
  return {
    id: row.id,
    encounterId: row.encounterId,
    status: row.status,
    encounterStatus: row.encounterStatus,
    version: row.version,
    startsAt: row.startsAt.toISOString(),
    endsAt: row.endsAt.toISOString(),
    visitType: {
      id: row.visitTypeId,
      name: row.visitTypeName,
      durationMinutes: row.durationMinutes,
      modality: row.modality,
    },
    ...(patient === undefined ? {} : { patient: summary(patient) }),
    provider: { ...summary(provider), timeZone: provider.timeZone },
    additional: row.people
      .filter((person) => person.role !== 'patient' && person.id !== row.providerId)
      .map((person) => ({ ...summary(person), role: person.role })),
    ...(row.patientId === null
      ? {
          group: {
            seats: row.seats,
            taken: row.taken ?? patients.length,
            ...(viewer.kind === 'staff' ? { patients: patients.map(summary) } : {}),
          },
        }
      : {}),
    ...(row.seriesId === null ? {} : { seriesId: row.seriesId }),
    ...(row.rescheduledTo === null ? {} : { rescheduledTo: row.rescheduledTo }),
    changeableUntil: new Date(row.startsAt.getTime() - row.cancelNoticeMinutes * 60_000).toISOString(),
    opensAt: opensAt.toISOString(),
    closesAt: closesAt.toISOString(),
  };
};

/** An appointment as `viewer` sees it. */
export const findAppointment = async (db: Db, id: AppointmentId, viewer: Viewer): Promise<Appointment> =>
  toAppointment(await selectAppointments(db).where('appointments.id', '=', id).executeTakeFirstOrThrow(), viewer);

/**
 * Moves an appointment to another status, and takes its people's time free where it is no longer active. The one place
 * where a status changes: the trigger `appointments_claimed` refuses a commit that forgot the claims.
 */
export const setAppointmentStatus = async (
  db: Kysely<Tables>,
  id: AppointmentId,
  change: { readonly status: AppointmentStatus; readonly updatedAt: Date } & Partial<
    Pick<
      Selectable<Tables['appointments']>,
      'version' | 'cancelledBy' | 'sealedCancelReason' | 'cancelledLate' | 'rescheduledTo'
    >
  >,
): Promise<void> => {
  await db.updateTable('appointments').set(change).where('id', '=', id).execute();
  if (!isActive(change.status)) await db.deleteFrom('calendarClaims').where('appointmentId', '=', id).execute();
};
