import { randomUUID } from 'node:crypto';
import {
  AppError,
  type Correction,
  type CorrectionAct,
  CorrectionId,
  type CorrectionPage,
  type CorrectionRequest,
  type DenialBasis,
  type PersonId,
} from '@bedside/protocol';
import { audit } from '../audit/audit.ts';
import { bad } from '../bad-request.ts';
import { AccessDenied, actorOf, type Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import type { Db } from '../db/database.ts';
import type { OutboxTopic } from '../outbox/model.ts';
import { announceOutbox } from '../outbox/outbox.ts';
import { insertOutboxEvents } from '../outbox/store.ts';
import { type Action, isRecordKeeper } from '../policy/policy.ts';
import { earlierResource, keepResource, requestKey } from '../scheduling/idempotency.ts';
import { cursorOf, placeOf } from '../scheduling/slot-cursor.ts';
import { type CorrectionPeriods, correctionStep, requestedAt } from './correction-model.ts';
import {
  type CorrectionRow,
  countOpen,
  findCorrection,
  insertCorrection,
  insertCorrectionEvent,
  isOfPatient,
  listCorrections,
  toCorrections,
  updateCorrection,
} from './correction-store.ts';
import { decideOnRecordOf } from './deciding.ts';

const PAGE = 20;
/** Requests of one patient that wait for an answer. */
const OPEN_MAX = 20;

const ACTIONS = {
  extend: 'correction.decide',
  accept: 'correction.decide',
  deny: 'correction.decide',
  rebut: 'correction.decide',
  withdraw: 'correction.withdraw',
  disagree: 'correction.disagree',
} as const satisfies Record<Exclude<CorrectionAct, 'request'>, Action>;

interface Step {
  readonly act: keyof typeof ACTIONS;
  readonly version: number;
  readonly note?: string;
  readonly basis?: DenialBasis;
}

/** What the patient hears of by a message. */
const TOLD: Partial<Record<CorrectionAct, OutboxTopic>> = {
  extend: 'correction.extended',
  accept: 'correction.answered',
  deny: 'correction.answered',
  rebut: 'correction.rebutted',
};

/** Patients' requests that their record be corrected, and what became of them (SPEC RGT3). */
export class Corrections {
  readonly #context: CoreContext;
  readonly #periods: CorrectionPeriods;

  constructor(context: CoreContext, periods: CorrectionPeriods) {
    this.#context = context;
    this.#periods = periods;
  }

  /** Errors: `bad_request`, `not_found`, `too_many_corrections`, `idempotency_conflict`, `unavailable`. */
  async ask(caller: Caller, request: CorrectionRequest, idempotencyKey: string | undefined): Promise<Correction> {
    const { organizationId, personId } = caller.who;
    const patientId = request.patientId ?? personId;
    await this.#require(caller, 'correction.ask', { patientId });
    const key = requestKey(caller, idempotencyKey, { operation: 'correction.ask', body: request });
    const now = nowOf(this.#context);
    const { phi } = this.#context;
    return this.#context.database.as(caller).transaction(async ({ db }) => {
      const earlier = await earlierResource(db, key, { organizationId, now });
      if (earlier !== undefined) return this.#read(db, caller, CorrectionId.parse(earlier));
      await requireSubject(db, patientId, request);
      await db.selectFrom('people').select('id').where('id', '=', patientId).forNoKeyUpdate().execute();
      if ((await countOpen(db, patientId)) >= OPEN_MAX) throw new AppError('too_many_corrections');
      const id = CorrectionId.parse(randomUUID());
      const state = requestedAt(now, this.#periods);
      await insertCorrection(phi, db, {
        ...request,
        ...state,
        id,
        organizationId,
        patientId,
        requestedBy: personId,
        now,
      });
      await insertCorrectionEvent(phi, db, {
        organizationId,
        patientId,
        requestId: id,
        personId,
        kind: 'request',
        note: null,
        at: now,
      });
      await audit(db, this.#entryOf(caller, 'correction.ask', { id, patientId }));
      await keepResource(db, key, id);
      return this.#read(db, caller, id);
    });
  }

  /** A patient's own; for those who keep records, of everybody. */
  async list(
    caller: Caller,
    query: { readonly open: boolean; readonly cursor: string | undefined },
  ): Promise<CorrectionPage> {
    const { db } = this.#context.database.as(caller);
    const { organizationId, personId } = caller.who;
    const found = await listCorrections(db, {
      organizationId,
      patientId: isRecordKeeper(caller.who) ? undefined : personId,
      open: query.open,
      after: query.cursor === undefined ? undefined : placeOf(query.cursor),
      limit: PAGE + 1,
    });
    const rows = found.slice(0, PAGE);
    const now = nowOf(this.#context);
    const entry = { at: now, actor: actorOf(caller), action: 'correction.read', resource: { type: 'corrections' } };
    const patientIds = [...new Set(rows.map((row) => row.patientId))];
    await audit(db, ...(patientIds.length === 0 ? [entry] : patientIds.map((patientId) => ({ ...entry, patientId }))));
    const last = found.length > PAGE ? rows.at(-1) : undefined;
    return {
      corrections: await toCorrections(this.#context.phi, db, rows, now),
      ...(last === undefined ? {} : { next: cursorOf({ at: query.open ? last.dueAt : last.createdAt, id: last.id }) }),
    };
  }

  /** Errors: `not_found`. */
  async read(caller: Caller, id: CorrectionId): Promise<Correction> {
    const { db } = this.#context.database.as(caller);
    const row = await this.#find(db, caller, { id, action: 'correction.read' });
    await audit(db, this.#entryOf(caller, 'correction.read', row));
    return this.#read(db, caller, id);
  }

  /** Errors: `not_found`, `forbidden` (one's own record), `version_conflict`, `transition_refused`. */
  step(caller: Caller, id: CorrectionId, step: Step): Promise<Correction> {
    const { organizationId, personId } = caller.who;
    return this.#context.database.as(caller).transaction(async (tx) => {
      const { db } = tx;
      const row = await this.#find(db, caller, { id, action: ACTIONS[step.act], lock: true });
      if (row.version !== step.version) throw new AppError('version_conflict');
      const now = nowOf(this.#context);
      const taken = correctionStep(row, step.act, { now, periods: this.#periods });
      if (taken.kind === 'refused') throw new AppError(taken.code, { detail: taken.detail });
      const denialBasis = step.basis ?? row.denialBasis;
      const { status, dueAt, extended } = taken.state;
      await updateCorrection(db, id, { status, dueAt, extended, denialBasis, updatedAt: now });
      const note = step.note ?? null;
      const { patientId } = row;
      const event = { organizationId, patientId, requestId: id, personId, kind: step.act, note, at: now };
      await insertCorrectionEvent(this.#context.phi, db, event);
      await audit(db, this.#entryOf(caller, `correction.${step.act}`, row));
      const topic = TOLD[step.act];
      if (topic !== undefined) {
        await insertOutboxEvents(db, [{ organizationId, topic, resourceId: id }], now);
        announceOutbox(this.#context, tx);
      }
      return this.#read(db, caller, id);
    });
  }

  async #find(
    db: Db,
    caller: Caller,
    which: { readonly id: CorrectionId; readonly action: Action; readonly lock?: boolean },
  ): Promise<CorrectionRow> {
    const row = await findCorrection(db, { ...which, organizationId: caller.who.organizationId });
    if (row === undefined) throw new AppError('not_found');
    await this.#require(caller, which.action, row);
    return row;
  }

  async #require(
    caller: Caller,
    action: Action,
    what: { readonly patientId: PersonId; readonly id?: CorrectionId },
  ): Promise<void> {
    const decision = await decideOnRecordOf(this.#context, { caller, action, patientId: what.patientId });
    if (decision.allowed) return;
    throw new AccessDenied({
      code: decision.code,
      at: nowOf(this.#context),
      caller,
      action,
      reason: decision.reason,
      resource: what.id === undefined ? { type: 'corrections' } : { type: 'correction', id: what.id },
      patientId: what.patientId,
    });
  }

  async #read(db: Db, caller: Caller, id: CorrectionId): Promise<Correction> {
    const row = await findCorrection(db, { id, organizationId: caller.who.organizationId });
    const [correction] =
      row === undefined ? [] : await toCorrections(this.#context.phi, db, [row], nowOf(this.#context));
    if (correction === undefined) throw new AppError('not_found');
    return correction;
  }

  #entryOf(caller: Caller, action: string, what: { readonly id: CorrectionId; readonly patientId: PersonId }) {
    return {
      at: nowOf(this.#context),
      actor: actorOf(caller),
      action,
      resource: { type: 'correction', id: what.id },
      patientId: what.patientId,
    };
  }
}

/** Errors: `bad_request`, `not_found`. */
const requireSubject = async (db: Db, patientId: PersonId, request: CorrectionRequest): Promise<void> => {
  const { about, aboutId } = request;
  if (about === 'profile' || about === 'other') {
    if (aboutId !== undefined) throw bad('aboutId: is for appointments, intake, messages and visits.');
    return;
  }
  if (aboutId === undefined) throw bad('aboutId: must say which one.');
  if (!(await isOfPatient(db, { patientId, about, aboutId }))) throw new AppError('not_found');
};
