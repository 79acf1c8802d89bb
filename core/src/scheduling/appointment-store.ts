import type { Appointment, AppointmentId, EncounterId, OrganizationId, PersonId, VisitTypeId } from '@bedside/protocol';
import type { Db } from '../db/database.ts';
import { entryWindow } from '../encounters/encounter-model.ts';
import { ACTIVE_STATUSES } from './appointment-model.ts';
import type { Interval } from './slots.ts';

export const selectAppointments = (db: Db) =>
  db
    .selectFrom('appointments')
    .innerJoin('encounters', 'encounters.appointmentId', 'appointments.id')
    .innerJoin('visitTypes', 'visitTypes.id', 'appointments.visitTypeId')
    .innerJoin('people as patient', 'patient.id', 'appointments.patientId')
    .innerJoin('people as provider', 'provider.id', 'appointments.providerId')
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
      'patient.displayName as patientName',
      'provider.displayName as providerName',
      'visitTypes.id as visitTypeId',
      'visitTypes.name as visitTypeName',
      'visitTypes.durationMinutes',
      'visitTypes.earlyEntryMinutes',
      'visitTypes.lateEntryMinutes',
    ]);

export type AppointmentRow = Awaited<ReturnType<ReturnType<typeof selectAppointments>['executeTakeFirstOrThrow']>>;

export const toAppointment = (row: AppointmentRow): Appointment => {
  const { opensAt, closesAt } = entryWindow(row);
  return {
    id: row.id,
    encounterId: row.encounterId,
    status: row.status,
    encounterStatus: row.encounterStatus,
    version: row.version,
    startsAt: row.startsAt.toISOString(),
    endsAt: row.endsAt.toISOString(),
    visitType: { id: row.visitTypeId, name: row.visitTypeName, durationMinutes: row.durationMinutes },
    patient: { id: row.patientId, displayName: row.patientName },
    provider: { id: row.providerId, displayName: row.providerName },
    opensAt: opensAt.toISOString(),
    closesAt: closesAt.toISOString(),
  };
};

/** What takes up a provider's time within a range. */
export const busyIntervals = async (db: Db, providerId: PersonId, range: Interval): Promise<Interval[]> => {
  const rows = await db
    .selectFrom('appointments')
    .where('providerId', '=', providerId)
    .where('status', 'in', ACTIVE_STATUSES)
    .where('startsAt', '<', new Date(range.endsAtMs))
    .where('endsAt', '>', new Date(range.startsAtMs))
    .select(['startsAt', 'endsAt'])
    .execute();
  return rows.map((row) => ({ startsAtMs: row.startsAt.getTime(), endsAtMs: row.endsAt.getTime() }));
};

/** Appointment, encounter, and the two who belong to it. Throws what the exclusion constraints throw. */
export const insertVisit = async (
  db: Db,
  visit: {
    readonly organizationId: OrganizationId;
    readonly providerId: PersonId;
    readonly patientId: PersonId;
    readonly visitTypeId: VisitTypeId;
    readonly startsAt: Date;
    readonly endsAt: Date;
    readonly now: Date;
  },
): Promise<{ appointmentId: AppointmentId; encounterId: EncounterId }> => {
  const { organizationId, providerId, patientId, now } = visit;
  const appointment = await db
    .insertInto('appointments')
    .values({
      organizationId,
      providerId,
      patientId,
      visitTypeId: visit.visitTypeId,
      startsAt: visit.startsAt,
      endsAt: visit.endsAt,
      createdAt: now,
      updatedAt: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const encounter = await db
    .insertInto('encounters')
    .values({ organizationId, appointmentId: appointment.id, patientId, providerId, createdAt: now })
    .returning('id')
    .executeTakeFirstOrThrow();
  await db
    .insertInto('presences')
    .values([
      { encounterId: encounter.id, personId: patientId, organizationId, role: 'patient', since: now },
      { encounterId: encounter.id, personId: providerId, organizationId, role: 'provider', since: now },
    ])
    .execute();
  return { appointmentId: appointment.id, encounterId: encounter.id };
};
