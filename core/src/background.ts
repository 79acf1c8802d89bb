import { type Logger, type Registry, type Service, Teardown } from '@bedside/kit';
import type { CoreConfig } from './config.ts';
import { type CoreContext, DAY_CHANGED_PATTERN, nowOf } from './context.ts';
import type { VisitDesk } from './encounters/visit-desk.ts';
import { createBackgroundEvents } from './jobs/events.ts';
import { JobRunner, migrateJobs } from './jobs/runner.ts';
import { createTasks, requestRebuild } from './jobs/tasks.ts';
import { planAppointmentMessages, planOfferMessages } from './notifications/planning.ts';
import { Sender } from './notifications/sender.ts';
import { smtpTransport } from './notifications/smtp.ts';
import { consoleTransport } from './notifications/transport.ts';
import type { OutboxEvent, OutboxHandler, OutboxHandlers } from './outbox/model.ts';
import { Outbox } from './outbox/outbox.ts';

export interface BackgroundDeps {
  readonly config: CoreConfig;
  readonly context: CoreContext;
  readonly desk: VisitDesk;
  readonly log: Logger;
  readonly registry: Registry;
}

const resources = (events: readonly OutboxEvent[]): string[] => [...new Set(events.map((event) => event.resourceId))];

/** Who is told of what. */
const handlersOf = (options: { context: CoreContext; sender: Sender }): OutboxHandlers => {
  const { context, sender } = options;
  const { db } = context.database;
  const tellPatients: OutboxHandler = async (events) => {
    if (await planAppointmentMessages(db, resources(events), nowOf(context))) sender.wake();
  };
  const tellOffered: OutboxHandler = async (events) => {
    if (await planOfferMessages(db, resources(events), nowOf(context))) sender.wake();
  };
  return {
    'appointment.booked': [tellPatients],
    'appointment.cancelled': [tellPatients],
    'appointment.rescheduled': [tellPatients],
    'waitlist.offered': [tellOffered],
    'waitlist.offer-closed': [],
    'organization.changed': [
      async (events) => {
        for (const id of new Set(events.map((event) => event.organizationId))) await requestRebuild(context, id);
      },
    ],
  };
};

/**
 * What core does beside requests: tells others what happened, sends messages, offers freed times, rolls days on, tidies.
 * With `jobs` off this process leaves all of it to others on the same database; what is true does not depend on it.
 */
export const startBackground = async (deps: BackgroundDeps): Promise<Service> => {
  const { config, context, desk, log, registry } = deps;
  const random = Math.random;
  await migrateJobs(config.databaseUrl, log);
  const teardown = new Teardown();
  if (!config.jobs) return teardown;
  const events = createBackgroundEvents({ log, registry, db: context.database.db, clock: context.clock });
  const sender = teardown.use(
    new Sender({
      context,
      transports: {
        email: config.smtp === undefined ? consoleTransport('email', log) : smtpTransport(config.smtp),
        sms: consoleTransport('sms', log),
      },
      siteUrl: config.publicUrl,
      random,
      onOutcome: (event) => events.notificationDone(event),
    }),
  );
  const outbox = teardown.use(
    new Outbox({
      context,
      handlers: handlersOf({ context, sender }),
      random,
      onFailed: (event) => events.outboxFailed(event),
    }),
  );
  // Whatever is booked, moved or cancelled changes somebody's day, and is in the outbox by then.
  teardown.use(context.bus.subscribe(DAY_CHANGED_PATTERN, () => outbox.wake()));
  teardown.use(
    await JobRunner.start({
      databaseUrl: config.databaseUrl,
      tasks: createTasks({ context, desk, outbox, sender, lapseOffers: async () => undefined }),
      log,
      random,
      onDone: (event) => events.jobDone(event),
    }),
  );
  // What was left when the last process ended.
  outbox.wake();
  sender.wake();
  return teardown;
};
