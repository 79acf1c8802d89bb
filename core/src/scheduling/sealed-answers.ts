import { AppError, type AppointmentId, type EncounterId, IntakeAnswers, type PersonId } from '@bedside/protocol';
import type { Db } from '../db/database.ts';
import type { Place } from '../phi/envelope.ts';
import type { Owner } from '../phi/owner.ts';
import type { Phi } from '../phi/phi.ts';

/** Answers of a visit's patient stand on the appointment, those for a seat in a group session on the presence. */
export type AnswersOf =
  | { readonly appointmentId: AppointmentId }
  | { readonly encounterId: EncounterId; readonly personId: PersonId };

export const answersPlace = (of: AnswersOf): Place =>
  'appointmentId' in of
    ? { table: 'appointments', column: 'intake_answers', row: of.appointmentId }
    : { table: 'presences', column: 'intake_answers', row: `${of.encounterId}/${of.personId}` };

/** Why a visit was cancelled or moved, in somebody's words. */
export const reasonPlace = (appointmentId: AppointmentId): Place => ({
  table: 'appointments',
  column: 'cancel_reason',
  row: appointmentId,
});

export interface AnswersKey {
  readonly owner: Owner;
  readonly of: AnswersOf;
}

/** As the column keeps them: base64. No answers need no key, and are kept as nothing. */
export const sealAnswers = async (
  phi: Phi,
  db: Db,
  { owner, of, answers }: AnswersKey & { readonly answers: IntakeAnswers | undefined },
): Promise<string | undefined> => {
  if (answers === undefined || Object.keys(answers).length === 0) return undefined;
  return (await phi.seal(db, owner, answersPlace(of), JSON.stringify(answers))).toString('base64');
};

/** Answers whose key was destroyed are none. Errors: `unavailable`; `internal` where somebody changed them. */
export const openAnswers = async (
  phi: Phi,
  db: Db,
  { owner, of, stored }: AnswersKey & { readonly stored: string | IntakeAnswers | null },
): Promise<IntakeAnswers> => {
  if (stored === null) return {};
  // Not sealed yet.
  if (typeof stored !== 'string') return stored;
  const opened = await phi.open(db, { owner, place: answersPlace(of), sealed: Buffer.from(stored, 'base64') });
  if (opened.kind === 'altered') throw new AppError('internal');
  return opened.kind === 'erased' ? {} : IntakeAnswers.parse(JSON.parse(opened.text));
};
