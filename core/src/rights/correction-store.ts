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
import { type CorrectionState, isOverdue } from './correction-model.ts';

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

export const insertCorrection = async (
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
  const { now, aboutId, ...values } = row;
  await db
    .insertInto('correctionRequests')
    .values({ ...values, aboutId: aboutId ?? null, createdAt: now, updatedAt: now })
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

export const insertCorrectionEvent = async (
  db: Db,
  event: {
    readonly organizationId: OrganizationId;
    readonly requestId: CorrectionId;
    readonly personId: PersonId;
    readonly kind: CorrectionAct;
    readonly note: string | null;
    readonly at: Date;
  },
): Promise<void> => {
  await db.insertInto('correctionEvents').values(event).execute();
};

/** The requests with all that was said and done about them. */
export const toCorrections = async (db: Db, rows: readonly CorrectionRow[], now: Date): Promise<Correction[]> => {
  if (rows.length === 0) return [];
  const events = await db
    .selectFrom('correctionEvents')
    .where(
      'requestId',
      'in',
      rows.map((row) => row.id),
    )
    .select(['requestId', 'kind', 'note', 'at', 'personId', sql<string | null>`name_in_record(person_id)`.as('name')])
    .orderBy('correctionEvents.id')
    .execute();
  const histories = Map.groupBy(events, (event) => event.requestId);
  return rows.map((row) => ({
    id: row.id,
    patient: { id: row.patientId, displayName: row.patientName },
    about: row.about,
    ...(row.aboutId === null ? {} : { aboutId: row.aboutId }),
    statement: row.statement,
    proposed: row.proposed,
    status: row.status,
    ...(row.denialBasis === null ? {} : { denialBasis: row.denialBasis }),
    dueAt: row.dueAt.toISOString(),
    isOverdue: isOverdue(row, now),
    extended: row.extended,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    history: (histories.get(row.id) ?? []).map((event) => ({
      at: event.at.toISOString(),
      by: { id: event.personId, displayName: event.name ?? '' },
      act: event.kind,
      ...(event.note === null ? {} : { note: event.note }),
    })),
  }));
};
