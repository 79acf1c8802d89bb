import { randomUUID } from 'node:crypto';
import {
  AppError,
  type RecordExport,
  RecordExportId,
  type RecordExportRequest,
  type RecordFormat,
} from '@bedside/protocol';
import { audit } from '../audit/audit.ts';
import { AccessDenied, actorOf, type Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import type { Db } from '../db/database.ts';
import { earlierResource, keepResource, requestKey } from '../scheduling/idempotency.ts';
import { decideOnRecordOf } from './deciding.ts';
import { toBundle } from './record/bundle.ts';
import { toPage } from './record/html.ts';
import { recordOf } from './record/record.ts';
import { readPatient } from './record/store.ts';
import { exportReasonPlace, sealText } from './sealed-texts.ts';

/** For how long what was asked for can be fetched. */
const LIFE_MS = 24 * 60 * 60_000;
/** Asked for by one person within that. */
const EXPORTS_MAX = 20;
/** Fetched at once, by everybody of a process. */
const FETCHES_MAX = 8;

const ACTION = 'record.export';

export interface RecordContent {
  readonly format: RecordFormat;
  readonly parts: AsyncGenerator<string>;
}

/**
 * Patients' records, for patients (SPEC RGT2). Nothing is kept: what is fetched is read at that moment, a page of rows at
 * a time, so that a record of any length takes the same memory and no file of it lies anywhere (ADR 24).
 */
export class RecordExports {
  readonly #context: CoreContext;
  readonly #site: string;
  #fetching = 0;

  constructor(context: CoreContext, site: string) {
    this.#context = context;
    this.#site = site;
  }

  /** Errors: `not_found`, `bad_request` (no reason for somebody else's), `too_many_exports`, `idempotency_conflict`, `unavailable`. */
  async ask(caller: Caller, request: RecordExportRequest, idempotencyKey: string | undefined): Promise<RecordExport> {
    const { organizationId, personId } = caller.who;
    const patientId = request.patientId ?? personId;
    const now = nowOf(this.#context);
    const decision = await decideOnRecordOf(this.#context, { caller, action: ACTION, patientId });
    if (!decision.allowed)
      throw new AccessDenied({
        code: decision.code,
        at: now,
        caller,
        action: ACTION,
        reason: decision.reason,
        resource: { type: 'record' },
        patientId,
      });
    const isOwn = patientId === personId;
    if (!isOwn && request.reason === undefined)
      throw new AppError('bad_request', { detail: 'reason: must say why, where the record is not your own.' });
    const key = requestKey(caller, idempotencyKey, { operation: ACTION, body: request });
    return this.#context.database.as(caller).transaction(async ({ db }) => {
      const earlier = await earlierResource(db, key, { organizationId, now });
      if (earlier !== undefined) return this.#find(db, caller, RecordExportId.parse(earlier));
      const { db: asPatient } = this.#context.database.as({
        who: { personId: patientId, organizationId, roles: ['patient'] },
      });
      if (
        (await readPatient({ db: asPatient, phi: this.#context.phi, organizationId, patientId, asOf: now })) ===
        undefined
      )
        throw new AppError('not_found');
      await requireRoom(db, caller, now);
      const id = RecordExportId.parse(randomUUID());
      const { phi } = this.#context;
      const place = exportReasonPlace(id);
      const of = { organizationId, patientId };
      const sealedReason =
        request.reason === undefined ? null : await sealText(phi, db, { of, place, text: request.reason });
      await db
        .insertInto('recordExports')
        .values({
          id,
          organizationId,
          patientId,
          requestedBy: personId,
          format: request.format,
          sealedReason,
          requestedAt: now,
          expiresAt: new Date(now.getTime() + LIFE_MS),
        })
        .execute();
      await audit(db, {
        at: now,
        actor: actorOf(caller, isOwn ? 'patient' : undefined),
        action: ACTION,
        resource: { type: 'record-export', id },
        patientId,
        reason: isOwn ? 'own-record' : 'on-request',
      });
      await keepResource(db, key, id);
      return this.#find(db, caller, id);
    });
  }

  /** Errors: `not_found`. */
  read(caller: Caller, id: RecordExportId): Promise<RecordExport> {
    return this.#find(this.#context.database.as(caller).db, caller, id);
  }

  /** The record as it is now, for whoever asked for it. Errors: `not_found`, `export_over`, `unavailable`. */
  async content(caller: Caller, id: RecordExportId): Promise<RecordContent> {
    const { db } = this.#context.database.as(caller);
    const { organizationId } = caller.who;
    const asOf = nowOf(this.#context);
    const { format, patientId, expiresAt } = await this.#find(db, caller, id);
    if (Date.parse(expiresAt) <= asOf.getTime()) throw new AppError('export_over');
    // What they might ask for then, they may not any more.
    const decision = await decideOnRecordOf(this.#context, { caller, action: ACTION, patientId });
    // Whoever asks for it is shown what the patient themselves would be shown, by the database's wall too.
    const asPatient = { personId: patientId, organizationId, roles: ['patient'] as const };
    const scope = {
      db: this.#context.database.as({ who: asPatient }).db,
      phi: this.#context.phi,
      organizationId,
      patientId,
      asOf,
    };
    const patient = decision.allowed ? await readPatient(scope) : undefined;
    if (patient === undefined) throw new AppError('not_found');
    if (this.#fetching >= FETCHES_MAX) throw new AppError('unavailable');
    await audit(db, {
      at: asOf,
      actor: actorOf(caller, patientId === caller.who.personId ? 'patient' : undefined),
      action: 'record.fetch',
      resource: { type: 'record-export', id },
      patientId,
    });
    const record = recordOf(scope, patient);
    const parts =
      format === 'fhir'
        ? toBundle(record, { site: this.#site, asOf })
        : toPage(record, { asOf, timeZone: patient.timeZone });
    return { format, parts: this.#counted(caller, id, parts) };
  }

  async *#counted(caller: Caller, id: RecordExportId, parts: AsyncGenerator<string>): AsyncGenerator<string> {
    this.#fetching += 1;
    try {
      yield* parts;
    } finally {
      this.#fetching -= 1;
    }
    await this.#context.database
      .as(caller)
      .db.updateTable('recordExports')
      .set((eb) => ({ fetchedCount: eb('fetchedCount', '+', 1), fetchedAt: nowOf(this.#context) }))
      .where('id', '=', id)
      .execute();
  }

  async #find(db: Db, caller: Caller, id: RecordExportId): Promise<RecordExport> {
    const row = await db
      .selectFrom('recordExports')
      .where('id', '=', id)
      .where('organizationId', '=', caller.who.organizationId)
      .where('requestedBy', '=', caller.who.personId)
      .selectAll()
      .executeTakeFirst();
    if (row === undefined) throw new AppError('not_found');
    return {
      id: row.id,
      format: row.format,
      patientId: row.patientId,
      requestedAt: row.requestedAt.toISOString(),
      expiresAt: row.expiresAt.toISOString(),
      ...(row.fetchedAt === null ? {} : { fetchedAt: row.fetchedAt.toISOString() }),
    };
  }
}

const requireRoom = async (db: Db, caller: Caller, now: Date): Promise<void> => {
  const { personId } = caller.who;
  await db.selectFrom('people').select('id').where('id', '=', personId).forNoKeyUpdate().execute();
  const { count } = await db
    .selectFrom('recordExports')
    .where('requestedBy', '=', personId)
    .where('requestedAt', '>', new Date(now.getTime() - LIFE_MS))
    .select((select) => select.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  if (Number(count) >= EXPORTS_MAX) throw new AppError('too_many_exports');
};
