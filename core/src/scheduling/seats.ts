import type { PersonId } from '@bedside/protocol';
import { announce, announceDayChange, type CoreContext } from '../context.ts';
import type { Tx } from '../db/database.ts';
import type { Visit } from '../encounters/visit-store.ts';

/**
 * A patient's place in a group session goes to somebody else: their time is their own again, and what lets them into
 * the room ends. The session itself is locked by the caller and stays as it is.
 */
export const giveSeatBack = async (
  context: CoreContext,
  act: { readonly tx: Tx; readonly visit: Visit; readonly now: Date; readonly personId: PersonId },
): Promise<void> => {
  const { tx, visit, now, personId } = act;
  const { encounterId, providerId } = visit;
  await tx.db
    .updateTable('presences')
    .set({ participation: 'declined', presence: 'absent', connected: false, admittedAt: null, since: now })
    .where('encounterId', '=', encounterId)
    .where('personId', '=', personId)
    .execute();
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
