import { type AppointmentList, type PersonId, VisitRole } from '@bedside/protocol';
import { type ExpressionBuilder, sql } from 'kysely';
import type { z } from 'zod';
import { audit } from '../audit/audit.ts';
import { AccessDenied, actorOf, type Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import type { Db } from '../db/database.ts';
import type { Tables } from '../db/tables.ts';
import { isInCapacity } from '../identity/session-model.ts';
import { isDesk } from '../policy/policy.ts';
import type { PatientRelation } from '../policy/relations.ts';
import { relationsOf } from '../relationships/relations-of.ts';
import { selectAppointments, toAppointment } from './appointment-store.ts';
import { cursorOf, placeOf } from './slot-cursor.ts';

const PAGE = 50;
const ACTION = 'appointments.ofPatient';

type InVisit = ExpressionBuilder<Tables, 'appointments' | 'encounters'>;

/** Visits in which the patient has a place that they have not given back: few, so that the rest is asked of few. */
const visitsOf = (db: Db, patientId: PersonId) =>
  db
    .selectFrom('presences')
    .where('presences.personId', '=', patientId)
    .where('presences.role', '=', 'patient')
    .where('presences.participation', '=', 'accepted')
    .select('presences.encounterId');

/**
 * Somebody works in the visit, or stands in for whoever leads it. Who sits in a session as a patient learns nothing of
 * the others' visits.
 */
const isWorkOf = (eb: InVisit, caller: Caller, at: Date) => {
  const { personId, roles } = caller.who;
  const working = VisitRole.options.filter((role) => role !== 'patient' && isInCapacity(role, roles));
  const own = eb.exists(
    eb
      .selectFrom('presences')
      .whereRef('presences.encounterId', '=', 'encounters.id')
      .where('presences.personId', '=', personId)
      .where('presences.role', 'in', working)
      .where('presences.participation', '=', 'accepted')
      .select('presences.personId'),
  );
  if (!roles.includes('provider')) return own;
  const covered = eb.exists(
    eb
      .selectFrom('providerCovers')
      .whereRef('providerCovers.providerId', '=', 'encounters.providerId')
      .where('providerCovers.coveringId', '=', personId)
      .where('providerCovers.endedAt', 'is', null)
      .where('providerCovers.validFrom', '<=', at)
      .where('providerCovers.validTo', '>', at)
      .select('providerCovers.id'),
  );
  return eb.or([own, covered]);
};

/** For the trail: by what they saw it. */
const reasonOf = (relations: readonly PatientRelation[]): string | undefined =>
  relations.includes('break-glass') ? 'break-glass' : relations[0];

/**
 * A patient's visits, past ones too: for the patient, for whoever acts for them, looks after them or opened their record
 * in an emergency, and for the desk. Others see of them those in which they work, or for whose provider they stand in.
 */
export class PatientVisits {
  readonly #context: CoreContext;

  constructor(context: CoreContext) {
    this.#context = context;
  }

  /** Newest first, 50 a page; of a session's patients this one alone is named. Errors: `not_found`, `bad_request`. */
  async list(
    caller: Caller,
    patientId: PersonId,
    cursor: string | undefined,
  ): Promise<z.infer<typeof AppointmentList>> {
    const { db } = this.#context.database.as(caller);
    const { personId, organizationId } = caller.who;
    const at = nowOf(this.#context);
    const after = cursor === undefined ? undefined : placeOf(cursor);
    const relations =
      patientId === personId || isDesk(caller.who)
        ? []
        : await relationsOf(db, { personId, patientIds: [patientId], at });
    const decision = this.#context.policy.onPatient(caller.who, ACTION, patientId, relations);
    const all = selectAppointments(db)
      .where('appointments.organizationId', '=', organizationId)
      .where('encounters.id', 'in', visitsOf(db, patientId));
    const visible = decision.allowed ? all : all.where((eb) => isWorkOf(eb, caller, at));
    const rows = await visible
      .$if(after !== undefined, (query) =>
        query.where(
          sql<boolean>`(appointments.starts_at, appointments.id) < (${after?.at}::timestamptz, ${after?.id}::uuid)`,
        ),
      )
      .orderBy('appointments.startsAt', 'desc')
      .orderBy('appointments.id', 'desc')
      .limit(PAGE + 1)
      .execute();
    const denied = (reason: string) =>
      new AccessDenied({
        code: 'not_found',
        at,
        caller,
        action: ACTION,
        reason,
        resource: { type: 'patient', id: patientId },
      });
    if (!decision.allowed && rows.length === 0) throw denied(decision.reason);
    if (rows.length === 0 && !(await isPatientHere(db, caller, patientId))) throw denied('no-such-patient');
    const isOwn = patientId === personId;
    await audit(db, {
      at,
      actor: actorOf(caller, isOwn ? 'patient' : undefined),
      action: ACTION,
      resource: { type: 'appointments' },
      patientId,
      reason: reasonOf(relations),
    });
    const last = rows.length > PAGE ? rows[PAGE - 1] : undefined;
    return {
      appointments: rows.slice(0, PAGE).map((row) => toAppointment(row, { kind: 'patient', personId: patientId })),
      ...(last === undefined ? {} : { next: cursorOf({ at: last.startsAt, id: last.id }) }),
    };
  }
}

/** Whether the caller's organization knows such a patient. */
export const isPatientHere = async (db: Db, caller: Caller, patientId: PersonId): Promise<boolean> =>
  (await db
    .selectFrom('patients')
    .where('personId', '=', patientId)
    .where('organizationId', '=', caller.who.organizationId)
    .select('personId')
    .executeTakeFirst()) !== undefined;
