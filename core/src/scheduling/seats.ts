import { AppError, type PersonId } from '@bedside/protocol';
import { bad } from '../bad-request.ts';
import { AccessDenied, type Caller } from '../caller.ts';
import { announce, announceDayChange, type CoreContext } from '../context.ts';
import type { Tx } from '../db/database.ts';
import { isPatientOf, patientIdsOf, type Visit } from '../encounters/visit-store.ts';
import { isProxy } from '../encounters/visit-viewer.ts';
import { isDesk } from '../policy/policy.ts';
import { actedForAmong } from '../relationships/relations-of.ts';

interface SeatAct {
  readonly tx: Tx;
  readonly visit: Visit;
  readonly caller: Caller;
  readonly now: Date;
}

/** Whether they may cancel the visit as those who work in it, stand in there, or keep the calendars. */
const isForTheHouse = ({ visit, caller: { who } }: Pick<SeatAct, 'visit' | 'caller'>): boolean =>
  isDesk(who) ||
  (visit.providerId === who.personId && who.roles.includes('provider')) ||
  (visit.relations?.includes('covering') === true && who.roles.includes('provider'));

/** For whom of those who sit in the session the caller may do it as their proxy. */
const giveBackFor = async (
  context: CoreContext,
  { tx, caller, now }: SeatAct,
  patientIds: readonly PersonId[],
): Promise<PersonId[]> => {
  const { personId } = caller.who;
  const actedFor = await actedForAmong(tx.db, { personId, patientIds, at: now });
  return patientIds.filter(
    (id) => context.policy.onPatient(caller.who, 'appointment.cancel', id, actedFor.get(id)).allowed,
  );
};

/** What is cancelled: a whole visit, or somebody's seat. `byPatient`: from the patients' side, for whom notice binds. */
export type Cancelled =
  | { readonly kind: 'visit' }
  | { readonly kind: 'seat'; readonly patientId: PersonId; readonly byPatient: boolean };

/**
 * What a cancellation of a session means. Nobody learns by it who sits there: whom somebody may not act for is
 * `not_found` whether or not they do. Errors: `bad_request` (`patientId`), `not_found`, `transition_refused`.
 */
export const cancelledOf = async (
  context: CoreContext,
  act: SeatAct,
  named: PersonId | undefined,
): Promise<Cancelled> => {
  const { visit, caller, now } = act;
  const { personId } = caller.who;
  if (visit.patientId !== null) {
    if (named === undefined || named === visit.patientId) return { kind: 'visit' };
    throw bad('patientId: must be the patient of this visit; it has no seats.');
  }
  const isOwn = isPatientOf(visit, personId) && (named === undefined || named === personId);
  if (isOwn) return { kind: 'seat', patientId: personId, byPatient: true };
  const forTheHouse = isForTheHouse(act);
  if (named !== undefined) {
    if (!forTheHouse && !(await giveBackFor(context, act, [named])).includes(named))
      throw new AccessDenied({
        code: 'not_found',
        at: now,
        caller,
        action: 'appointment.cancel',
        reason: 'seat-of-another',
        resource: { type: 'appointment', id: visit.appointmentId },
        encounterId: visit.encounterId,
      });
    if (!isPatientOf(visit, named))
      throw new AppError('transition_refused', { detail: 'patientId: has no seat in this session.' });
    return { kind: 'seat', patientId: named, byPatient: !forTheHouse };
  }
  const candidates = isProxy(visit) ? await giveBackFor(context, act, patientIdsOf(visit)) : [];
  const [only] = candidates;
  if (only === undefined && forTheHouse) return { kind: 'visit' };
  if (only !== undefined && candidates.length === 1 && !forTheHouse)
    return { kind: 'seat', patientId: only, byPatient: true };
  throw bad('patientId: must name whose seat is given back: you act for more than one here.');
};

/**
 * A patient's place in a group session goes to somebody else: their time is their own again, and what lets them into
 * the room ends. The session itself is locked by the caller and stays as it is. Errors: `transition_refused`, where
 * they were let in and whoever asks does not lead the session.
 */
export const giveSeatBack = async (
  context: CoreContext,
  act: { readonly tx: Tx; readonly visit: Visit; readonly now: Date; readonly personId: PersonId },
): Promise<void> => {
  const { tx, visit, now, personId } = act;
  const { encounterId, providerId } = visit;
  const { numUpdatedRows } = await tx.db
    .updateTable('presences')
    .set({ participation: 'declined', presence: 'absent', connected: false, admittedAt: null, since: now })
    .where('encounterId', '=', encounterId)
    .where('personId', '=', personId)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows !== 1n) throw new AppError('transition_refused');
  await tx.db
    .deleteFrom('calendarClaims')
    .where('appointmentId', '=', visit.appointmentId)
    .where('personId', '=', personId)
    .execute();
  const grants = await tx.db
    .updateTable('grants')
    .set({ revokedAt: now })
    .where('encounterId', '=', encounterId)
    .where('personId', '=', personId)
    .where('revokedAt', 'is', null)
    .returning('id')
    .execute();
  for (const { id: grantId } of grants) {
    announce(context, tx, { type: 'grantRevoked', encounterId, grantId });
    context.relay.revoke(tx, grantId, now);
  }
  announceDayChange(context, tx, providerId);
};
