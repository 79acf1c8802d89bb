import type { AppointmentId, EncounterId, IntakeAnswers, MessageId, PersonId, VisitRole } from '@bedside/protocol';
import { type MessageRow, toMessages } from '../../encounters/message-texts.ts';
import { openContact } from '../../notifications/contact-values.ts';
import { personOwner, visitOwner } from '../../phi/owner.ts';
import { openAnswers, reasonPlace } from '../../scheduling/sealed-answers.ts';
import type { MessageFacts, PatientFacts, VisitFacts } from './fhir.ts';
import type { RecordScope } from './store.ts';

/** A visit as its rows have it: what is sealed is not opened yet. */
export interface SealedVisit extends Omit<VisitFacts, 'answers' | 'cancelReason'> {
  readonly patientId: PersonId | null;
  readonly cancelReason: string | null;
  readonly sealedCancelReason: Buffer | null;
  readonly ownAnswers: string | IntakeAnswers | null;
  readonly visitAnswers: string | IntakeAnswers | null;
}

const ERASED = 'Erased';

/** Errors of what opens: `unavailable`. */
export const openVisit = async (scope: RecordScope, row: SealedVisit): Promise<VisitFacts> => {
  const { phi, db, organizationId, patientId: personId } = scope;
  const { patientId, cancelReason, sealedCancelReason, ownAnswers, visitAnswers, ...facts } = row;
  const [appointmentId, encounterId] = [facts.appointmentId as AppointmentId, facts.encounterId as EncounterId];
  const answers = await openAnswers(phi, db, {
    owner: personOwner(organizationId, personId),
    of: ownAnswers === null ? { appointmentId } : { encounterId, personId },
    stored: ownAnswers ?? visitAnswers,
  });
  const owner = visitOwner({ organizationId, patientId, encounterId });
  const opened =
    sealedCancelReason === null
      ? undefined
      : await phi.open(db, { owner, place: reasonPlace(appointmentId), sealed: sealedCancelReason });
  const reason = opened === undefined ? cancelReason : opened.kind === 'text' ? opened.text : ERASED;
  return { ...facts, cancelReason: reason, answers: Object.keys(answers).length === 0 ? null : answers };
};

export interface SealedMessage extends Omit<MessageFacts, 'text'> {
  readonly id: MessageId & MessageFacts['id'];
  readonly encounterId: EncounterId & MessageFacts['encounterId'];
  readonly seq: number;
  readonly text: string | null;
  readonly sealedText: Buffer | null;
  readonly senderId: PersonId;
  readonly senderRole: VisitRole;
  readonly clientMessageId: string;
  readonly patientId: PersonId | null;
}

/** Messages of one visit. One that was erased says so in its own place. Errors of what opens: `unavailable`. */
export const openMessages = async (
  { phi, db, organizationId }: RecordScope,
  rows: readonly SealedMessage[],
): Promise<MessageFacts[]> => {
  const [first] = rows;
  if (first === undefined) return [];
  const visit = { organizationId, patientId: first.patientId, encounterId: first.encounterId };
  const opened = await toMessages(phi, db, { visit, rows: rows satisfies readonly MessageRow[], evenIfAway: false });
  return rows.map(({ text: _text, sealedText: _sealed, patientId: _patient, ...facts }, index) => ({
    ...facts,
    text: opened[index]?.text ?? '',
  }));
};

/** Addresses whose key was destroyed are left out. Errors of what opens: `unavailable`. */
export const openContacts = async (
  { phi, db, organizationId, patientId: personId }: RecordScope,
  rows: readonly {
    readonly system: 'email' | 'sms';
    readonly value: string | null;
    readonly sealedValue: Buffer | null;
  }[],
): Promise<PatientFacts['contacts']> => {
  const contacts: { system: 'email' | 'sms'; value: string }[] = [];
  for (const { system, ...stored } of rows) {
    const value = await openContact(phi, db, { organizationId, personId, system }, stored);
    if (value !== null) contacts.push({ system, value });
  }
  return contacts;
};
