import { randomUUID } from 'node:crypto';
import {
  AppError,
  type IdentifierRequest,
  type OrganizationId,
  type PatientIdentifier,
  type PersonId,
} from '@bedside/protocol';
import { audit } from '../audit/audit.ts';
import { AccessDenied, actorOf, type Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import type { Db } from '../db/database.ts';
import { brokenConstraint } from '../db/failures.ts';
import type { Place } from '../phi/envelope.ts';
import { personOwner } from '../phi/owner.ts';
import type { Action } from '../policy/policy.ts';
import { spellingOf } from './identifier-model.ts';

/** Identifiers of one patient at the most. */
const IDENTIFIERS_MAX = 100;

const placeOf = (identifier: { readonly id: string; readonly system: string }): Place => ({
  table: 'patient_identifiers',
  column: 'value',
  row: `${identifier.system}/${identifier.id}`,
});

const indexOf = (context: CoreContext, db: Db, organizationId: OrganizationId, identifier: IdentifierRequest) => {
  const value = spellingOf(identifier.system, identifier.value);
  if (value === '') throw new AppError('bad_request', { detail: 'value: has no letter and no digit.' });
  return context.phi.blindIndex(db, organizationId, { field: `identifier/${identifier.system}`, value });
};

/** Patients who have that identifier: one, or none. Errors: `bad_request`, `unavailable`. */
export const patientsByIdentifier = async (
  context: CoreContext,
  db: Db,
  ask: { readonly organizationId: OrganizationId; readonly identifier: IdentifierRequest },
): Promise<PersonId[]> => {
  const { organizationId, identifier } = ask;
  const rows = await db
    .selectFrom('patientIdentifiers')
    .where('organizationId', '=', organizationId)
    .where('system', '=', identifier.system)
    .where('valueIndex', '=', await indexOf(context, db, organizationId, identifier))
    .select('patientId')
    .execute();
  return rows.map((row) => row.patientId);
};

/** What others know a patient by. Values are sealed; the database finds them by their blind index alone. */
export class Identifiers {
  readonly #context: CoreContext;

  constructor(context: CoreContext) {
    this.#context = context;
  }

  /** Errors: `not_found`, `unavailable`. */
  async list(caller: Caller, patientId: PersonId): Promise<PatientIdentifier[]> {
    const { database, phi } = this.#context;
    const { db } = database.as(caller);
    const { organizationId } = caller.who;
    await this.#requirePatient(db, { caller, patientId, action: 'identifiers.read' });
    const rows = await db
      .selectFrom('patientIdentifiers')
      .where('patientId', '=', patientId)
      .where('organizationId', '=', organizationId)
      .select(['id', 'system', 'sealedValue'])
      .orderBy('system')
      .orderBy('madeAt')
      .limit(IDENTIFIERS_MAX)
      .execute();
    const owner = personOwner(organizationId, patientId);
    const identifiers: PatientIdentifier[] = [];
    for (const { id, system, sealedValue } of rows) {
      const opened = await phi.open(db, { owner, place: placeOf({ id, system }), sealed: sealedValue });
      identifiers.push({ id, system, ...(opened.kind === 'text' ? { value: opened.text } : {}) });
    }
    await audit(db, this.#entry(caller, { patientId, action: 'identifiers.read' }));
    return identifiers;
  }

  /** Errors: `not_found`, `bad_request`, `identifier_taken`, `unavailable`. */
  async add(caller: Caller, patientId: PersonId, identifier: IdentifierRequest): Promise<PatientIdentifier> {
    const { database, phi } = this.#context;
    const { organizationId } = caller.who;
    const id = randomUUID();
    const { system, value } = identifier;
    try {
      await database.as(caller).transaction(async ({ db }) => {
        await this.#requirePatient(db, { caller, patientId, action: 'identifiers.write' });
        const { count } = await db
          .selectFrom('patientIdentifiers')
          .where('patientId', '=', patientId)
          .select(({ fn }) => fn.countAll<string>().as('count'))
          .executeTakeFirstOrThrow();
        if (Number(count) >= IDENTIFIERS_MAX)
          throw new AppError('bad_request', { detail: 'This patient has as many identifiers as there may be.' });
        const owner = personOwner(organizationId, patientId);
        await db
          .insertInto('patientIdentifiers')
          .values({
            id,
            organizationId,
            patientId,
            system,
            valueIndex: await indexOf(this.#context, db, organizationId, identifier),
            sealedValue: await phi.seal(db, owner, placeOf({ id, system }), value),
            madeAt: nowOf(this.#context),
          })
          .execute();
        await audit(db, this.#entry(caller, { patientId, action: 'identifiers.write' }));
      });
    } catch (error) {
      if (brokenConstraint(error) !== 'patient_identifiers_organization_id_system_value_index_key') throw error;
      throw new AppError('identifier_taken');
    }
    return { id, system, value };
  }

  /** Errors: `not_found`. */
  async remove(caller: Caller, patientId: PersonId, id: string): Promise<void> {
    await this.#context.database.as(caller).transaction(async ({ db }) => {
      await this.#requirePatient(db, { caller, patientId, action: 'identifiers.write' });
      const removed = await db
        .deleteFrom('patientIdentifiers')
        .where('id', '=', id)
        .where('patientId', '=', patientId)
        .where('organizationId', '=', caller.who.organizationId)
        .executeTakeFirst();
      if (removed.numDeletedRows === 0n) throw new AppError('not_found');
      await audit(db, this.#entry(caller, { patientId, action: 'identifiers.write' }));
    });
  }

  #entry(caller: Caller, what: { readonly patientId: PersonId; readonly action: Action }) {
    const { patientId, action } = what;
    const resource = { type: 'patient', id: patientId };
    return { at: nowOf(this.#context), actor: actorOf(caller), action, resource, patientId };
  }

  async #requirePatient(
    db: Db,
    { caller, ...what }: { readonly caller: Caller; readonly patientId: PersonId; readonly action: Action },
  ): Promise<void> {
    const found = await db
      .selectFrom('patients')
      .where('personId', '=', what.patientId)
      .where('organizationId', '=', caller.who.organizationId)
      .select('personId')
      .executeTakeFirst();
    if (found !== undefined) return;
    const { at, action, resource } = this.#entry(caller, what);
    throw new AccessDenied({ code: 'not_found', reason: 'no-such-patient', at, caller, action, resource });
  }
}
