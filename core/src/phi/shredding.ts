import { createHash } from 'node:crypto';
import type { OrganizationId, PersonId } from '@bedside/protocol';
import { sql } from 'kysely';
import { audit, systemActor } from '../audit/audit.ts';
import type { Db, ScopedDatabase } from '../db/database.ts';

/** A code is good in the ten minutes in which it was told and the ten after. */
const CODE_LIFE_MS = 10 * 60_000;

/** What is lost when a patient's keys are destroyed. Counts alone. */
export interface Shreddable {
  readonly patientId: PersonId;
  readonly organizationId: OrganizationId;
  readonly keyVersions: readonly number[];
  readonly messages: number;
  readonly answers: number;
  readonly identifiers: number;
  readonly contacts: number;
  /** Requests for correction, with all that was said of them. */
  readonly corrections: number;
  /** Why others opened or asked for the record. */
  readonly reasons: number;
}

export type Refusal = 'no-such-patient' | 'not-all-sealed' | 'nothing-to-destroy' | 'wrong-code';

/** Why nothing was destroyed, for whoever asked at the command line. */
export class ShreddingRefused extends Error {
  override readonly name = 'ShreddingRefused';
  readonly reason: Refusal;

  constructor(reason: Refusal) {
    super(reason);
    this.reason = reason;
  }
}

/** Whether something of anybody's stands in the clear yet: destroying a key would leave it there. */
const somethingIsClear = async (db: Db): Promise<boolean> => {
  const { rows } = await sql<{ isClear: boolean }>`SELECT
    EXISTS (SELECT FROM messages WHERE text IS NOT NULL)
    OR EXISTS (SELECT FROM contact_points WHERE value IS NOT NULL)
    OR EXISTS (SELECT FROM appointments WHERE cancel_reason IS NOT NULL OR jsonb_typeof(intake_answers) = 'object')
    OR EXISTS (SELECT FROM presences WHERE jsonb_typeof(intake_answers) = 'object') AS is_clear`.execute(db);
  return rows[0]?.isClear === true;
};

const look = async (db: Db, patientId: PersonId): Promise<Shreddable> => {
  if (await somethingIsClear(db)) throw new ShreddingRefused('not-all-sealed');
  const patient = await db
    .selectFrom('patients')
    .where('personId', '=', patientId)
    .select('organizationId')
    .executeTakeFirst();
  if (patient === undefined) throw new ShreddingRefused('no-such-patient');
  const keys = await db
    .selectFrom('dataKeys')
    .where('personId', '=', patientId)
    .where('wrapped', 'is not', null)
    .select('version')
    .orderBy('version')
    // Whoever seals something for the patient now waits, and makes another key.
    .forUpdate()
    .execute();
  const { rows } = await sql<Omit<Shreddable, 'patientId' | 'organizationId' | 'keyVersions'>>`SELECT
    (SELECT count(*)::int FROM messages JOIN encounters ON encounters.id = messages.encounter_id
      WHERE encounters.patient_id = ${patientId}
        OR encounters.patient_id IS NULL AND messages.sender_id = ${patientId}) AS messages,
    (SELECT count(*)::int FROM appointments WHERE patient_id = ${patientId} AND intake_answers IS NOT NULL)
      + (SELECT count(*)::int FROM presences WHERE person_id = ${patientId} AND intake_answers IS NOT NULL) AS answers,
    (SELECT count(*)::int FROM patient_identifiers WHERE patient_id = ${patientId}) AS identifiers,
    (SELECT count(*)::int FROM contact_points WHERE person_id = ${patientId}) AS contacts,
    (SELECT count(*)::int FROM correction_requests WHERE patient_id = ${patientId}) AS corrections,
    (SELECT count(*)::int FROM emergency_accesses WHERE patient_id = ${patientId})
      + (SELECT count(*)::int FROM record_exports WHERE patient_id = ${patientId} AND sealed_reason IS NOT NULL)
      AS reasons`.execute(db);
  const [counts] = rows;
  if (counts === undefined) throw new Error('no answer');
  const { organizationId } = patient;
  return { patientId, organizationId, keyVersions: keys.map(({ version }) => version), ...counts };
};

/** Not a secret: it shows that whoever confirms has seen what is lost, as it is now. */
const codeOf = (what: Shreddable, period: number): string =>
  createHash('sha256')
    .update(JSON.stringify([what, period]))
    .digest('hex')
    .slice(0, 8);

export interface Shredding {
  readonly database: ScopedDatabase;
  readonly now: Date;
  readonly patientId: PersonId;
}

const entryOf = (what: Shreddable, now: Date, action: string) => ({
  at: now,
  actor: systemActor(what.organizationId),
  action,
  resource: { type: 'patient', id: what.patientId },
  patientId: what.patientId,
  reason: 'command-line',
});

/** The first step: what would be lost, and the code by which it is confirmed. Throws `ShreddingRefused`. */
export const askToShred = ({ database, now, patientId }: Shredding): Promise<Shreddable & { readonly code: string }> =>
  database.transaction(async (tx) => {
    const what = await look(tx.db, patientId);
    if (what.keyVersions.length === 0) throw new ShreddingRefused('nothing-to-destroy');
    await audit(tx.db, entryOf(what, now, 'phi.shred-ask'));
    return { ...what, code: codeOf(what, Math.floor(now.getTime() / CODE_LIFE_MS)) };
  });

/**
 * The second step: the patient's data keys are destroyed. Whatever they sealed can be read by nobody any more, in this
 * database; the rows stay and say so. What can be looked up by the patient's identifiers goes too. Throws
 * `ShreddingRefused`.
 */
export const shred = ({ database, now, patientId, code }: Shredding & { readonly code: string }): Promise<Shreddable> =>
  database.transaction(async (tx) => {
    const what = await look(tx.db, patientId);
    const period = Math.floor(now.getTime() / CODE_LIFE_MS);
    if (![period, period - 1].some((one) => codeOf(what, one) === code)) throw new ShreddingRefused('wrong-code');
    await tx.db
      .updateTable('dataKeys')
      .set({ kekId: null, wrapped: null, destroyedAt: now })
      .where('personId', '=', patientId)
      .where('wrapped', 'is not', null)
      .execute();
    await tx.db.deleteFrom('patientIdentifiers').where('patientId', '=', patientId).execute();
    await tx.db.deleteFrom('contactPoints').where('personId', '=', patientId).execute();
    await audit(tx.db, entryOf(what, now, 'phi.shred'));
    return what;
  });
