import { AppError, type OrganizationId, type PersonId } from '@bedside/protocol';
import { sql } from 'kysely';
import { announceDayChange, type CoreContext, nowOf } from '../context.ts';
import type { Db, Tx } from '../db/database.ts';
import { announceOutbox } from '../outbox/outbox.ts';
import { tellingOfOpenedTime } from './opened-time-store.ts';
import { rebuildDays } from './slot-day-store.ts';

interface WhichProvider {
  readonly organizationId: OrganizationId;
  readonly providerId: PersonId;
}

/**
 * Locks a provider against bookings and other changes until the transaction ends, as everybody locks who touches a
 * provider's time: their row of `people`. Errors: `not_found`.
 */
export const lockProvider = async (
  db: Db,
  { organizationId, providerId }: WhichProvider,
): Promise<{ timeZone: string; version: number }> => {
  await db.selectFrom('people').where('id', '=', providerId).select('id').forNoKeyUpdate().execute();
  const provider = await db
    .selectFrom('providers')
    .innerJoin('people', 'people.id', 'providers.personId')
    .where('providers.personId', '=', providerId)
    .where('providers.organizationId', '=', organizationId)
    .where('people.isActive', '=', true)
    .select(['people.timeZone', 'providers.availabilityVersion as version'])
    .executeTakeFirst();
  if (provider === undefined) throw new AppError('not_found');
  return provider;
};

/**
 * What follows in the same transaction from every change of when or where a provider can be booked: the version rises,
 * their days are what the rules now say, and time that opened is offered to those who wait. What is booked stays. The
 * caller has locked the provider.
 */
export const providerChanged = async (context: CoreContext, tx: Tx, which: WhichProvider): Promise<void> => {
  await tx.db
    .updateTable('providers')
    .set({ availabilityVersion: sql`availability_version + 1` })
    .where('personId', '=', which.providerId)
    .execute();
  const now = nowOf(context);
  const changed = { organizationId: which.organizationId, providerIds: [which.providerId], now };
  const isAwaited = await tellingOfOpenedTime(tx.db, changed, () =>
    rebuildDays(tx.db, { ...changed, horizonDays: context.slotHorizonDays }),
  );
  if (isAwaited) announceOutbox(context, tx);
  announceDayChange(context, tx, which.providerId);
};
