import type { OrganizationId, PersonId } from '@bedside/protocol';
import { type CoreContext, nowOf } from '../context.ts';
import type { Tx } from '../db/database.ts';
import { announceOutbox } from '../outbox/outbox.ts';
import { insertOutboxEvents } from '../outbox/store.ts';
import { tellingOfOpenedTime } from './opened-time-store.ts';
import { organizationFacts, rebuildDays } from './slot-day-store.ts';

/** Providers whose days are made in one transaction. While it runs, bookings with them wait. */
const BATCH = 100;

/** What follows from a change that concerns every provider: once it is committed, their days are made anew by a job. */
export const organizationChanged = async (
  context: CoreContext,
  tx: Tx,
  organizationId: OrganizationId,
): Promise<void> => {
  const event = { organizationId, topic: 'organization.changed', resourceId: organizationId } as const;
  await insertOutboxEvents(tx.db, [event], nowOf(context));
  announceOutbox(context, tx);
};

/**
 * Makes the days of all of an organization's providers anew, some at a time, each lot in a transaction of its own.
 * For the night, when a new day comes over the horizon, and for what concerns everybody. It can be repeated and can
 * run beside changes of providers: whoever has a provider's lock decides from what is committed by then. Versions stay:
 * days that only roll on refuse nobody's booking. Time that opens is offered to those who wait.
 *
 * Answers how many providers there were. `signal` ends it between two lots.
 */
export const rebuildOrganization = async (
  context: CoreContext,
  organizationId: OrganizationId,
  signal?: AbortSignal,
): Promise<number> => {
  let count = 0;
  for (let after: PersonId | undefined; signal?.aborted !== true; ) {
    const ids = await context.database.asSystem('calendar', { organizationId }).transaction(async (tx) => {
      let query = tx.db
        .selectFrom('people')
        .innerJoin('providers', 'providers.personId', 'people.id')
        .where('providers.organizationId', '=', organizationId);
      if (after !== undefined) query = query.where('people.id', '>', after);
      const rows = await query.select('people.id').orderBy('people.id').limit(BATCH).forNoKeyUpdate('people').execute();
      const providerIds = rows.map((row) => row.id);
      const now = nowOf(context);
      // Read after the locks: a change that was committed before they were given is seen.
      const facts = await organizationFacts(tx.db, organizationId, now);
      if (providerIds.length === 0) return providerIds;
      const changed = { organizationId, providerIds, now };
      const isAwaited = await tellingOfOpenedTime(tx.db, changed, () =>
        rebuildDays(tx.db, { ...changed, horizonDays: context.slotHorizonDays }, facts),
      );
      if (isAwaited) announceOutbox(context, tx);
      return providerIds;
    });
    count += ids.length;
    after = ids.at(-1);
    if (ids.length < BATCH) break;
  }
  return count;
};
