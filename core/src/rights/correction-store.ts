import type {
  Correction,
  CorrectionAct,
  CorrectionId,
  CorrectionRequest,
  CorrectionSubject,
  DenialBasis,
  OrganizationId,
  PersonId,
} from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Phi } from '../phi/phi.ts';
import { type CorrectionState, isOverdue } from './correction-model.ts';
import { correctionPlace, notePlace, openText, sealText } from './sealed-texts.ts';

const selectCorrections = (db: Db) =>
  db
    .selectFrom('correctionRequests')
    .innerJoin('people', 'people.id', 'correctionRequests.patientId')
    .selectAll('correctionRequests')
    .select('people.displayName as patientName');

export type CorrectionRow = Awaited<ReturnType<ReturnType<typeof selectCorrections>['executeTakeFirstOrThrow']>>;

/** One of the organization; `lock` keeps others from it until the transaction ends. */
export const findCorrection = (
  db: Db,
  which: { readonly id: CorrectionId; readonly organizationId: OrganizationId; readonly lock?: boolean },
): Promise<CorrectionRow | undefined> =>
  selectCorrections(db)
    .where('correctionRequests.id', '=', which.id)
    .where('correctionRequests.organizationId', '=', which.organizationId)
    .$if(which.lock === true, (query) => query.forUpdate('correctionRequests'))
    .executeTakeFirst();

export interface CorrectionPlace {
  readonly at: Date;
  readonly id: string;
}

/** `open`: by due date, soonest first; otherwise newest first. Of one patient, or of all. */
export const listCorrections = (
  db: Db,
  which: {
    readonly organizationId: OrganizationId;
    readonly patientId: PersonId | undefined;
    readonly open: boolean;
    readonly after: CorrectionPlace | undefined;
    readonly limit: number;
  },
): Promise<CorrectionRow[]> => {
  const { after } = which;
  let rows = selectCorrections(db).where('correctionRequests.organizationId', '=', which.organizationId);
  if (which.patientId !== undefined) rows = rows.where('correctionRequests.patientId', '=', which.patientId);
  if (which.open) {
    rows = rows.where('correctionRequests.status', '=', 'requested');
    if (after !== undefined)
      rows = rows.where(sql<boolean>`(due_at, correction_requests.id) > (${after.at}::timestamptz, ${after.id}::uuid)`);
    rows = rows.orderBy('correctionRequests.dueAt').orderBy('correctionRequests.id');
  } else {
    if (after !== undefined)
      rows = rows.where(
        sql<boolean>`(correction_requests.created_at, correction_requests.id) < (${after.at}::timestamptz, ${after.id}::uuid)`,
      );
    rows = rows.orderBy('correctionRequests.createdAt', 'desc').orderBy('correctionRequests.id', 'desc');
  }
  return rows.limit(which.limit).execute();
};

export const countOpen = async (db: Db, patientId: PersonId): Promise<number> => {
  const { count } = await db
    .selectFrom('correctionRequests')
    .where('patientId', '=', patientId)
    .where('status', '=', 'requested')
    .select((select) => select.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
};

/** Requests whose time to be answered is over, of all organizations. */
export const countOverdue = async (db: Db, now: Date): Promise<number> => {
  const { count } = await db
    .selectFrom('correctionRequests')
    .where('status', '=', 'requested')
    .where('dueAt', '<', now)
    .select((select) => select.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
};

const SUBJECTS: Readonly<
  Record<Exclude<CorrectionSubject, 'profile' | 'other'>, (id: string) => ReturnType<typeof sql>>
> = {
  appointment: (id) => sql`appointment.id = ${id}`,
  intake: (id) => sql`appointment.id = ${id}`,
  visit: (id) => sql`encounter.id = ${id}`,
  message: (id) =>
    sql`EXISTS (SELECT FROM messages WHERE messages.id = ${id} AND messages.encounter_id = encounter.id)`,
};

/** Whether what a request is about belongs to a visit of the patient's. */
export const isOfPatient = async (
  db: Db,
  which: {
    readonly patientId: PersonId;
    readonly about: keyof typeof SUBJECTS;
    readonly aboutId: string;
  },
): Promise<boolean> => {
  const { rows } = await sql<{ found: boolean }>`
    SELECT EXISTS (
      SELECT FROM encounters AS encounter
      JOIN appointments AS appointment ON appointment.id = encounter.appointment_id
      JOIN presences AS presence ON presence.encounter_id = encounter.id
        AND presence.person_id = ${which.patientId} AND presence.role = 'patient'
      WHERE ${SUBJECTS[which.about](which.aboutId)}
    ) AS found`.execute(db);
  return rows[0]?.found === true;
};

/** Errors: `unavailable` (it cannot be sealed now). */
export const insertCorrection = async (
  phi: Phi,
  db: Db,
  row: Omit<CorrectionRequest, 'patientId'> &
    CorrectionState & {
      readonly id: CorrectionId;
      readonly organizationId: OrganizationId;
      readonly patientId: PersonId;
      readonly requestedBy: PersonId;
      readonly now: Date;
    },
): Promise<void> => {
  const { now, aboutId, statement, proposed, ...values } = row;
  const seal = (column: 'statement' | 'proposed', text: string) =>
    sealText(phi, db, { of: row, place: correctionPlace(row.id, column), text });
  const sealedStatement = await seal('statement', statement);
  const sealedProposed = await seal('proposed', proposed);
  await db
    .insertInto('correctionRequests')
    .values({ ...values, sealedStatement, sealedProposed, aboutId: aboutId ?? null, createdAt: now, updatedAt: now })
    .execute();
};

export const updateCorrection = async (
  db: Db,
  id: CorrectionId,
  change: CorrectionState & { readonly denialBasis: DenialBasis | null; readonly updatedAt: Date },
): Promise<void> => {
  await db
    .updateTable('correctionRequests')
    .set({ ...change, version: sql`version + 1` })
    .where('id', '=', id)
    .execute();
};

/** Errors: `unavailable` (its note cannot be sealed now). */
export const insertCorrectionEvent = async (
  phi: Phi,
  db: Db,
  event: {
    readonly organizationId: OrganizationId;
    /** Whose request it is. */
    readonly patientId: PersonId;
    readonly requestId: CorrectionId;
    readonly personId: PersonId;
    readonly kind: CorrectionAct;
    readonly note: string | null;
    readonly at: Date;
  },
): Promise<void> => {
  const { patientId, note, ...values } = event;
  const of = { organizationId: event.organizationId, patientId };
  const sealedNote = note === null ? null : await sealText(phi, db, { of, place: notePlace(event), text: note });
  await db
    .insertInto('correctionEvents')
    .values({ ...values, sealedNote })
    .execute();
};

/**
 * The requests with all that was said and done about them. What was erased with the patient's keys says so in its place.
 * Errors: `unavailable`.
 */
export const toCorrections = async (
  phi: Phi,
  db: Db,
  rows: readonly CorrectionRow[],
  now: Date,
): Promise<Correction[]> => {
  if (rows.length === 0) return [];
  const events = await db
    .selectFrom('correctionEvents')
    .where(
      'requestId',
      'in',
      rows.map((row) => row.id),
    )
    .select([
      'requestId',
      'kind',
      'sealedNote',
      'at',
      'personId',
      sql<string | null>`name_in_record(person_id)`.as('name'),
    ])
    .orderBy('correctionEvents.id')
    .execute();
  const histories = Map.groupBy(events, (event) => event.requestId);
  const corrections: Correction[] = [];
  // One after the other: the first text of a patient brings the key for the rest.
  for (const row of rows) {
    const open = (column: 'statement' | 'proposed', sealed: Buffer) =>
      openText(phi, db, { of: row, place: correctionPlace(row.id, column), sealed });
    const history: Correction['history'] = [];
    for (const { sealedNote, ...event } of histories.get(row.id) ?? [])
      history.push({
        at: event.at.toISOString(),
        by: { id: event.personId, displayName: event.name ?? '' },
        act: event.kind,
        ...(sealedNote === null
          ? {}
          : { note: await openText(phi, db, { of: row, place: notePlace(event), sealed: sealedNote }) }),
      });
    corrections.push({
      id: row.id,
      patient: { id: row.patientId, displayName: row.patientName },
      about: row.about,
      ...(row.aboutId === null ? {} : { aboutId: row.aboutId }),
      statement: await open('statement', row.sealedStatement),
      proposed: await open('proposed', row.sealedProposed),
      status: row.status,
      ...(row.denialBasis === null ? {} : { denialBasis: row.denialBasis }),
      dueAt: row.dueAt.toISOString(),
      isOverdue: isOverdue(row, now),
      extended: row.extended,
      version: row.version,
      createdAt: row.createdAt.toISOString(),
      history,
    });
  }
  return corrections;
};
