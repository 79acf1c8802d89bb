import { OrganizationId } from '@bedside/protocol';
import { DateTime } from 'luxon';
import { z } from 'zod';
import { type CoreContext, nowOf } from '../context.ts';
import type { VisitDesk } from '../encounters/visit-desk.ts';
import type { Sender } from '../notifications/sender.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { rebuildOrganization } from '../scheduling/organization-change.ts';
import type { HoldWatch } from '../waitlist/hold-watch.ts';
import type { HorizonWatch } from '../waitlist/horizon-watch.ts';
import type { Offers } from '../waitlist/offers.ts';
import { closeLeftVisits } from './left-visits.ts';
import { enqueue, releaseOrphans } from './queue.ts';
import { sealClearText } from './seal-clear-text.ts';
import { sweep } from './sweep.ts';
import { defineTask, type Task } from './task.ts';

export const REBUILD_TASK = 'slots-rebuild';

/** What repeated tasks are given is the queue's own note of when. */
const Repeated = z.unknown();
const EVERY_MINUTE = '* * * * *';
/** Longer than a process takes to be known as living. */
const ORPHANED_AFTER_MS = 60_000;

export interface TaskDeps {
  readonly context: CoreContext;
  readonly desk: VisitDesk;
  readonly outbox: Outbox;
  readonly sender: Sender;
  readonly offers: Offers;
  readonly lapses: HoldWatch;
  readonly horizon: HorizonWatch;
}

/** Asks for the days of all of an organization's providers to be made anew. Errors of the database. */
export const requestRebuild = async (context: CoreContext, organizationId: OrganizationId): Promise<void> =>
  enqueue(context.database.asSystem('calendar', { organizationId }).db, {
    task: REBUILD_TASK,
    payload: { organizationId },
    key: `${REBUILD_TASK}:${organizationId}`,
  });

/**
 * Every task of core. Those that come by the minute mend what a process that died, or a word that got lost, left
 * undone; while all is well they find nothing.
 */
export const createTasks = ({ context, desk, outbox, sender, offers, lapses, horizon }: TaskDeps): readonly Task[] => {
  const { db } = context.database.asSystem('sweep');
  const repeated = (name: string, cron: string, run: (signal: AbortSignal) => Promise<void>) =>
    defineTask({ name, payload: Repeated, cron, maxAttempts: 1, run: (_payload, signal) => run(signal) });
  return [
    repeated('outbox', EVERY_MINUTE, () => outbox.settle()),
    repeated('notifications', EVERY_MINUTE, () => sender.settle()),
    repeated('offers', EVERY_MINUTE, async (signal) => {
      await offers.lapse(signal);
      await lapses.settle();
      await horizon.look(signal);
    }),
    repeated('orphans', EVERY_MINUTE, () => releaseOrphans(db, ORPHANED_AFTER_MS)),
    repeated('sweep', '*/5 * * * *', () => sweep(db, nowOf(context))),
    repeated('phi-seal', '*/5 * * * *', async (signal) => void (await sealClearText(context, signal))),
    repeated('left-visits', '*/15 * * * *', async (signal) => void (await closeLeftVisits({ context, desk }, signal))),
    repeated('slots-roll', '7 * * * *', async () => {
      for (const { id, timeZone } of await context.database
        .asSystem('calendar')
        .db.selectFrom('organizations')
        .select(['id', 'timeZone'])
        .execute())
        if (isNight(context.clock(), timeZone)) await requestRebuild(context, id);
    }),
    defineTask({
      name: REBUILD_TASK,
      payload: z.object({ organizationId: OrganizationId }),
      cron: undefined,
      maxAttempts: 10,
      run: async ({ organizationId }, signal) => {
        await rebuildOrganization(context, organizationId, signal);
        // Cut off, it comes again.
        signal.throwIfAborted();
      },
    }),
  ];
};

/** The first hour of an organization's day: a day has gone, and another has come over the horizon. */
const isNight = (nowMs: number, timeZone: string): boolean => DateTime.fromMillis(nowMs, { zone: timeZone }).hour === 0;
