import type { AppointmentId, EncounterId, IntakeAnswers, OrganizationId, PersonId } from '@bedside/protocol';
import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import { identifierPlace } from '../../directory/identifiers.ts';
import { type MessageRow, toMessages } from '../../encounters/message-texts.ts';
import { openContact } from '../../notifications/contact-values.ts';
import { personOwner, visitOwner } from '../../phi/owner.ts';
import type { Phi } from '../../phi/phi.ts';
import { openAnswers, reasonPlace } from '../../scheduling/sealed-answers.ts';
import { listCorrections, toCorrections } from '../correction-store.ts';
import type {
  AccessFacts,
  CorrectionFacts,
  MessageFacts,
  NoticeFacts,
  PatientFacts,
  VisitFacts,
  WaitingFacts,
} from './fhir.ts';

/** Rows that are in memory at once. A message has 4,000 characters at the most. */
const PAGE = 100;

/** Whose record, and up to when: what is written while somebody reads is not in it. */
export interface RecordScope {
  readonly db: Db;
  readonly phi: Phi;
  readonly organizationId: OrganizationId;
  readonly patientId: PersonId;
  readonly asOf: Date;
}

interface Place {
  readonly at: Date;
  readonly id: string;
}
const START: Place = { at: new Date(0), id: '00000000-0000-0000-0000-000000000000' };

/** Page after page of what `read` gives, each in a statement of its own: however slowly somebody reads, no connection waits. */
async function* pages<Row>(
  read: (after: Place) => Promise<readonly Row[]>,
  placeOf: (row: Row) => Place,
): AsyncGenerator<readonly Row[]> {
  for (let after = START; ; ) {
    const rows = await read(after);
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = placeOf(last);
  }
}

export const readPatient = async ({
  db,
  phi,
  organizationId,
  patientId,
}: RecordScope): Promise<PatientFacts | undefined> => {
  const row = await db
    .selectFrom('people')
    .innerJoin('patients', 'patients.personId', 'people.id')
    .innerJoin('organizations', 'organizations.id', 'people.organizationId')
    .where('people.id', '=', patientId)
    .where('people.organizationId', '=', organizationId)
    .select([
      'people.id',
      'people.displayName',
      'people.timeZone',
      'people.isActive',
      'patients.region',
      'organizations.id as organizationId',
      'organizations.name as organizationName',
    ])
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const stored = await db
    .selectFrom('contactPoints')
    .where('personId', '=', patientId)
    .select(['system', 'value', 'sealedValue'])
    .orderBy('system')
    .execute();
  const contacts: { system: 'email' | 'sms'; value: string }[] = [];
  for (const contact of stored) {
    const { system } = contact;
    const value = await openContact(phi, db, { organizationId, personId: patientId, system }, contact);
    if (value !== null) contacts.push({ system, value });
  }
  return { ...row, contacts, identifiers: await readIdentifiers({ db, phi, organizationId, patientId }) };
};

const readIdentifiers = async ({
  db,
  phi,
  organizationId,
  patientId,
}: Omit<RecordScope, 'asOf'>): Promise<PatientFacts['identifiers']> => {
  const rows = await db
    .selectFrom('patientIdentifiers')
    .where('patientId', '=', patientId)
    .select(['id', 'system', 'sealedValue'])
    .orderBy('system')
    .orderBy('madeAt')
    .execute();
  const identifiers: { system: string; value: string }[] = [];
  for (const { id, system, sealedValue } of rows) {
    const place = identifierPlace({ id, system });
    const opened = await phi.open(db, { owner: personOwner(organizationId, patientId), place, sealed: sealedValue });
    if (opened.kind === 'text') identifiers.push({ system, value: opened.text });
  }
  return identifiers;
};

/** A visit as its rows have it. */
interface VisitRow extends Omit<VisitFacts, 'answers'> {
  readonly appointmentId: AppointmentId;
  readonly encounterId: EncounterId;
  /** Null: a group session's. */
  readonly patientId: PersonId | null;
  readonly ownAnswers: string | IntakeAnswers | null;
  readonly visitAnswers: string | IntakeAnswers | null;
  readonly sealedCancelReason: Buffer | null;
}

/** What was sealed of a visit, opened; what was erased is not told of. */
const openVisit = async (scope: RecordScope, row: VisitRow): Promise<VisitFacts> => {
  const { db, phi, organizationId, patientId } = scope;
  const { ownAnswers, visitAnswers, sealedCancelReason, patientId: ofVisit, ...visit } = row;
  const { appointmentId, encounterId } = visit;
  const owner = personOwner(organizationId, patientId);
  const answers = await (ownAnswers === null
    ? openAnswers(phi, db, { owner, of: { appointmentId }, stored: visitAnswers })
    : openAnswers(phi, db, { owner, of: { encounterId, personId: patientId }, stored: ownAnswers }));
  if (sealedCancelReason === null) return { ...visit, answers };
  const opened = await phi.open(db, {
    owner: visitOwner({ organizationId, patientId: ofVisit, encounterId }),
    place: reasonPlace(appointmentId),
    sealed: sealedCancelReason,
  });
  return { ...visit, answers, cancelReason: opened.kind === 'text' ? opened.text : null };
};

/** One after the other: the first brings the key for the rest. */
async function* opened<Row, Facts>(
  rows: AsyncGenerator<readonly Row[]>,
  open: (row: Row) => Promise<Facts>,
): AsyncGenerator<readonly Facts[]> {
  for await (const page of rows) {
    const facts: Facts[] = [];
    for (const row of page) facts.push(await open(row));
    yield facts;
  }
}

const readVisitRows = ({ db, organizationId, patientId, asOf }: RecordScope): AsyncGenerator<readonly VisitRow[]> =>
  pages(
    async (after) =>
      (
        await sql<VisitRow>`
    SELECT appointment.id AS appointment_id, encounter.id AS encounter_id, appointment.status,
      encounter.status AS encounter_status, appointment.starts_at, appointment.ends_at, appointment.created_at,
      encounter.started_at, encounter.ended_at, appointment.cancel_reason,
      appointment.sealed_cancel_reason, appointment.patient_id, visit_type.name AS visit_type,
      visit_type.modality, visit_type.intake_questions AS questions,
      self.intake_answers AS own_answers, appointment.intake_answers AS visit_answers,
      coalesce(self.patient_region, appointment.patient_region) AS region, payer.name AS payer,
      self.participation, self.entered_at, self.left_at,
      (
        SELECT coalesce(jsonb_agg(jsonb_build_object('displayName', people.display_name, 'role', other.role)
          ORDER BY people.display_name, people.id), '[]')
        FROM presences AS other JOIN people ON people.id = other.person_id
        WHERE other.encounter_id = encounter.id AND other.role <> 'patient' AND other.participation = 'accepted'
      ) AS staff
    FROM presences AS self
    JOIN encounters AS encounter ON encounter.id = self.encounter_id
    JOIN appointments AS appointment ON appointment.id = encounter.appointment_id
    JOIN visit_types AS visit_type ON visit_type.id = appointment.visit_type_id
    LEFT JOIN payers AS payer ON payer.id = coalesce(self.payer_id, appointment.payer_id)
    WHERE self.person_id = ${patientId} AND self.role = 'patient' AND self.organization_id = ${organizationId}
      AND appointment.created_at <= ${asOf}
      AND (appointment.starts_at, appointment.id) > (${after.at}::timestamptz, ${after.id}::uuid)
    ORDER BY appointment.starts_at, appointment.id LIMIT ${PAGE}`.execute(db)
      ).rows,
    (row) => ({ at: row.startsAt, id: row.appointmentId }),
  );

/** Every visit that they are or were a patient of, by start. */
export const readVisits = (scope: RecordScope): AsyncGenerator<readonly VisitFacts[]> =>
  opened(readVisitRows(scope), (row) => openVisit(scope, row));

interface Thread {
  readonly encounterId: EncounterId;
  readonly patientId: PersonId | null;
  readonly at: Date;
}

/** Their visits in which something was written. */
const readThreads = ({ db, organizationId, patientId }: RecordScope): AsyncGenerator<readonly Thread[]> =>
  pages(
    async (after) =>
      (
        await sql<Thread>`
    SELECT encounter.id AS encounter_id, encounter.patient_id, encounter.created_at AS at
    FROM presences AS self JOIN encounters AS encounter ON encounter.id = self.encounter_id
    WHERE self.person_id = ${patientId} AND self.role = 'patient' AND self.organization_id = ${organizationId}
      AND encounter.last_message_seq > 0
      AND (encounter.created_at, encounter.id) > (${after.at}::timestamptz, ${after.id}::uuid)
    ORDER BY encounter.created_at, encounter.id LIMIT ${PAGE}`.execute(db)
      ).rows,
    (row) => ({ at: row.at, id: row.encounterId }),
  );

/**
 * What was written in their visits, by them or to them, visit by visit; not what other patients of a group session
 * wrote. By the thread's own index, so that each row is looked at once, by the walls too.
 */
export async function* readMessages(scope: RecordScope): AsyncGenerator<readonly MessageFacts[]> {
  const { db, phi, organizationId, patientId, asOf } = scope;
  for await (const threads of readThreads(scope))
    for (const thread of threads) {
      const { encounterId } = thread;
      for (let seq = 0; ; ) {
        const { rows } = await sql<MessageRow & { readonly senderName: string | null }>`
          SELECT message.id, message.encounter_id, message.seq, message.sender_id, author.role AS sender_role,
            message.client_message_id, message.text, message.sealed_text, message.sent_at,
            name_in_record(message.sender_id) AS sender_name
          FROM messages AS message
          JOIN presences AS author ON author.encounter_id = message.encounter_id AND author.person_id = message.sender_id
          WHERE message.encounter_id = ${encounterId} AND message.seq > ${seq} AND message.sent_at <= ${asOf}
            AND (author.role <> 'patient' OR author.person_id = ${patientId})
          ORDER BY message.seq LIMIT ${PAGE}`.execute(db);
        const messages = await toMessages(phi, db, { visit: { ...thread, organizationId }, rows, evenIfAway: false });
        if (rows.length > 0)
          yield rows.map(({ id, sentAt, senderId, senderName }, index) => ({
            id,
            encounterId,
            sentAt,
            text: messages[index]?.text ?? '',
            senderName,
            isOwn: senderId === patientId,
          }));
        const last = rows.at(-1);
        if (last === undefined || rows.length < PAGE) break;
        seq = last.seq;
      }
    }
}

/** Messages that left for them. */
export const readNotices = ({
  db,
  organizationId,
  patientId,
  asOf,
}: RecordScope): AsyncGenerator<readonly NoticeFacts[]> =>
  pages(
    async (after) =>
      (
        await sql<NoticeFacts>`
    SELECT id, sent_at, kind, channel FROM notifications
    WHERE person_id = ${patientId} AND organization_id = ${organizationId} AND status = 'sent' AND sent_at <= ${asOf}
      -- What they are told because they keep watch is not about them.
      AND kind <> 'emergency-opened'
      AND (sent_at, id) > (${after.at}::timestamptz, ${after.id}::uuid)
    ORDER BY sent_at, id LIMIT ${PAGE}`.execute(db)
      ).rows,
    (row) => ({ at: row.sentAt, id: row.id }),
  );

export const readWaiting = ({
  db,
  organizationId,
  patientId,
  asOf,
}: RecordScope): AsyncGenerator<readonly WaitingFacts[]> =>
  pages(
    async (after) =>
      (
        await sql<WaitingFacts>`
    SELECT entry.id, entry.status, visit_type.name AS visit_type, provider.display_name AS provider_name,
      entry.specialty, entry.earliest_at, entry.latest_at, entry.created_at
    FROM waitlist_entries AS entry
    JOIN visit_types AS visit_type ON visit_type.id = entry.visit_type_id
    LEFT JOIN people AS provider ON provider.id = entry.provider_id
    WHERE entry.patient_id = ${patientId} AND entry.organization_id = ${organizationId} AND entry.created_at <= ${asOf}
      AND (entry.created_at, entry.id) > (${after.at}::timestamptz, ${after.id}::uuid)
    ORDER BY entry.created_at, entry.id LIMIT ${PAGE}`.execute(db)
      ).rows,
    (row) => ({ at: row.createdAt, id: row.id }),
  );

/** Newest first. */
export async function* readCorrections(scope: RecordScope): AsyncGenerator<readonly CorrectionFacts[]> {
  const { db, phi, organizationId, patientId, asOf } = scope;
  for (let after: Place | undefined; ; ) {
    const rows = await listCorrections(db, { organizationId, patientId, open: false, after, limit: PAGE });
    const corrections = await toCorrections(phi, db, rows, asOf);
    if (corrections.length > 0)
      yield corrections.filter((correction) => Date.parse(correction.createdAt) <= asOf.getTime());
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = { at: last.createdAt, id: last.id };
  }
}

/** What others did with the record, oldest first. What was refused showed them nothing. */
export async function* readAccesses({
  db,
  organizationId,
  patientId,
  asOf,
}: RecordScope): AsyncGenerator<readonly AccessFacts[]> {
  for (let [at, id] = [new Date(0), '0']; ; ) {
    const { rows } = await sql<AccessFacts>`
      SELECT event.id, event.at, event.action, event.role, name_in_record(event.person_id) AS name
      FROM audit_events AS event
      WHERE event.patient_id = ${patientId} AND event.organization_id = ${organizationId} AND event.outcome = 'success'
        AND event.person_id IS DISTINCT FROM ${patientId} AND event.at <= ${asOf}
        AND (event.at, event.id) > (${at}::timestamptz, ${id}::bigint)
      ORDER BY event.at, event.id LIMIT ${PAGE}`.execute(db);
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    [at, id] = [last.at, last.id];
  }
}
