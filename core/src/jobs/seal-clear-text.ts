import type { Kysely } from 'kysely';
import type { CoreContext } from '../context.ts';
import type { Db } from '../db/database.ts';
import type { Tables } from '../db/tables.ts';
import { messageOwner, messagePlace } from '../encounters/message-texts.ts';
import { contactLookup, sealContact } from '../notifications/contact-values.ts';
import { personOwner, visitOwner } from '../phi/owner.ts';
import type { Phi } from '../phi/phi.ts';
import { reasonPlace, sealAnswers } from '../scheduling/sealed-answers.ts';

/** Rows in a transaction: little is held for long, and little is lost when it is cut off. */
const BATCH = 100;

type SealSome = (phi: Phi, db: Kysely<Tables>) => Promise<number>;

const sealMessages: SealSome = async (phi, db) => {
  const rows = await db
    .selectFrom('messages')
    .innerJoin('encounters', 'encounters.id', 'messages.encounterId')
    .innerJoin('presences', (join) =>
      join
        .onRef('presences.encounterId', '=', 'messages.encounterId')
        .onRef('presences.personId', '=', 'messages.senderId'),
    )
    .where('messages.text', 'is not', null)
    .select([
      'messages.id',
      'messages.encounterId',
      'messages.organizationId',
      'messages.senderId',
      'messages.text',
      'encounters.patientId',
      'presences.role',
    ])
    .orderBy('messages.id')
    .limit(BATCH)
    .forUpdate('messages')
    .skipLocked()
    .execute();
  for (const row of rows) {
    const owner = messageOwner(row, { id: row.senderId, role: row.role });
    const sealedText = await phi.seal(db, owner, messagePlace(row), row.text ?? '');
    await db.updateTable('messages').set({ text: null, sealedText }).where('id', '=', row.id).execute();
  }
  return rows.length;
};

const sealContacts: SealSome = async (phi, db) => {
  const rows = await db
    .selectFrom('contactPoints')
    .where('value', 'is not', null)
    .select(['id', 'organizationId', 'personId', 'system', 'value'])
    .orderBy('id')
    .limit(BATCH)
    .forUpdate()
    .skipLocked()
    .execute();
  for (const row of rows) {
    const sealedValue = await sealContact(phi, db, row, row.value ?? '');
    const lookup = await contactLookup(phi, db, row, row.value ?? '');
    await db.updateTable('contactPoints').set({ value: null, sealedValue, lookup }).where('id', '=', row.id).execute();
  }
  return rows.length;
};

const sealAppointments: SealSome = async (phi, db) => {
  const rows = await db
    .selectFrom('appointments')
    .innerJoin('encounters', 'encounters.appointmentId', 'appointments.id')
    // As the index `appointments_in_the_clear` has it.
    .where((where) =>
      where.or([
        where('appointments.cancelReason', 'is not', null),
        where(where.fn('jsonb_typeof', ['appointments.intakeAnswers']), '=', 'object'),
      ]),
    )
    .select([
      'appointments.id',
      'appointments.organizationId',
      'appointments.patientId',
      'appointments.cancelReason',
      'appointments.intakeAnswers',
      'encounters.id as encounterId',
    ])
    .orderBy('appointments.id')
    .limit(BATCH)
    .forUpdate('appointments')
    .skipLocked()
    .execute();
  for (const row of rows) {
    const { cancelReason: reason, intakeAnswers: answers } = row;
    const owner = visitOwner(row);
    const sealedReason =
      reason === null || reason === '' ? null : await phi.seal(db, owner, reasonPlace(row.id), reason);
    const isClear = answers !== null && typeof answers !== 'string';
    const sealedAnswers = isClear
      ? await sealAnswers(phi, db, { owner, of: { appointmentId: row.id }, answers })
      : undefined;
    await db
      .updateTable('appointments')
      .set({
        ...(reason === null ? {} : { cancelReason: null, sealedCancelReason: sealedReason }),
        ...(isClear ? { intakeAnswers: jsonText(sealedAnswers) } : {}),
      })
      .where('id', '=', row.id)
      .execute();
  }
  return rows.length;
};

const sealSeats: SealSome = async (phi, db) => {
  const rows = await db
    .selectFrom('presences')
    .where((where) => where(where.fn('jsonb_typeof', ['intakeAnswers']), '=', 'object'))
    .select(['encounterId', 'personId', 'organizationId', 'intakeAnswers'])
    .orderBy('encounterId')
    .orderBy('personId')
    .limit(BATCH)
    .forUpdate()
    .skipLocked()
    .execute();
  for (const { encounterId, personId, organizationId, intakeAnswers } of rows) {
    if (intakeAnswers === null || typeof intakeAnswers === 'string') continue;
    const sealed = await sealAnswers(phi, db, {
      owner: personOwner(organizationId, personId),
      of: { encounterId, personId },
      answers: intakeAnswers,
    });
    await db
      .updateTable('presences')
      .set({ intakeAnswers: jsonText(sealed) })
      .where('encounterId', '=', encounterId)
      .where('personId', '=', personId)
      .execute();
  }
  return rows.length;
};

/** For a jsonb column; nothing is null. */
const jsonText = (sealed: string | undefined): string | null => (sealed === undefined ? null : JSON.stringify(sealed));

/**
 * Seals what was written in the clear before there were keys, row by row while everything goes on; where nothing is left
 * it costs four looks at empty indexes. Cut off, it goes on where it was. Errors: `unavailable`.
 */
export const sealClearText = async (context: CoreContext, signal: AbortSignal): Promise<number> => {
  const { phi } = context;
  const database = context.database.asSystem('phi');
  let count = 0;
  for (const sealSome of [sealMessages, sealContacts, sealAppointments, sealSeats])
    for (let sealed = BATCH; sealed === BATCH && !signal.aborted; count += sealed)
      sealed = await database.transaction((tx) => sealSome(phi, tx.db satisfies Db));
  return count;
};
