import type { AuditQuery, OrganizationId, PersonId } from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';

/** Events of an organization that fit, newest first. */
export const findEvents = (db: Db, organizationId: OrganizationId, query: AuditQuery) => {
  const { patientId, personId, from, to, outcome, before, limit } = query;
  let events = db
    .selectFrom('auditEvents')
    .leftJoin('people as person', (join) =>
      join
        .onRef('person.id', '=', 'auditEvents.personId')
        .onRef('person.organizationId', '=', 'auditEvents.organizationId'),
    )
    .leftJoin('people as patient', (join) =>
      join
        .onRef('patient.id', '=', 'auditEvents.patientId')
        .onRef('patient.organizationId', '=', 'auditEvents.organizationId'),
    )
    .leftJoin('auditSeals', 'auditSeals.eventId', 'auditEvents.id')
    .where('auditEvents.organizationId', '=', organizationId)
    .select([
      'auditEvents.id',
      'auditEvents.at',
      'auditEvents.personId',
      'auditEvents.role',
      'auditEvents.action',
      'auditEvents.outcome',
      'auditEvents.reason',
      'auditEvents.resourceType',
      'auditEvents.resourceId',
      'auditEvents.patientId',
      'auditEvents.encounterId',
      'auditEvents.address',
      'auditEvents.requestId',
      'auditSeals.sequence',
      'person.displayName as personName',
      'patient.displayName as patientName',
    ])
    .orderBy('auditEvents.id', 'desc')
    .limit(limit);
  if (patientId !== undefined) events = events.where('auditEvents.patientId', '=', patientId);
  if (personId !== undefined) events = events.where('auditEvents.personId', '=', personId);
  if (from !== undefined) events = events.where('auditEvents.at', '>=', new Date(from));
  if (to !== undefined) events = events.where('auditEvents.at', '<', new Date(to));
  if (outcome !== undefined) events = events.where('auditEvents.outcome', '=', outcome);
  if (before !== undefined) events = events.where('auditEvents.id', '<', before);
  return events.execute();
};

/** What others did with a patient's record, newest first. What was refused showed them nothing. */
export const findRecordAccess = (
  db: Db,
  which: { organizationId: OrganizationId; patientId: PersonId; before: Date | undefined; limit: number },
) => {
  let rows = db
    .selectFrom('auditEvents')
    .where('auditEvents.organizationId', '=', which.organizationId)
    .where('auditEvents.patientId', '=', which.patientId)
    .where('auditEvents.outcome', '=', 'success')
    .where((row) =>
      row.or([row('auditEvents.personId', 'is', null), row('auditEvents.personId', '<>', which.patientId)]),
    )
    .select([
      'auditEvents.at',
      'auditEvents.personId',
      'auditEvents.role',
      'auditEvents.action',
      // Whoever did something is told by name, whether or not the patient has to do with them otherwise.
      sql<string | null>`name_in_record(person_id)`.as('displayName'),
    ])
    .orderBy('auditEvents.at', 'desc')
    .orderBy('auditEvents.id', 'desc')
    .limit(which.limit);
  if (which.before !== undefined) rows = rows.where('auditEvents.at', '<', which.before);
  return rows.execute();
};
