import { type Logger, type Service, Teardown } from '@bedside/kit';
import type { CoreConfig } from './config.ts';
import { type CoreContext, DAY_CHANGED_PATTERN, nowOf } from './context.ts';
import { applicationRoleOf } from './db/application-role.ts';
import type { EgressPort } from './egress/port.ts';
import { smtpTransport } from './egress/smtp.ts';
import type { VisitDesk } from './encounters/visit-desk.ts';
import type { BackgroundEvents } from './jobs/events.ts';
import { JobRunner } from './jobs/runner.ts';
import { createTasks, requestRebuild } from './jobs/tasks.ts';
import { planAlarms } from './notifications/alarms.ts';
import { planAnswerMessages } from './notifications/answers.ts';
import { planAppointmentMessages, planOfferMessages } from './notifications/planning.ts';
import { Sender } from './notifications/sender.ts';
import { consoleTransport } from './notifications/transport.ts';
import type { OutboxEvent, OutboxHandler, OutboxHandlers } from './outbox/model.ts';
import { Outbox } from './outbox/outbox.ts';
import type { Holds } from './scheduling/holds.ts';
import { HoldWatch } from './waitlist/hold-watch.ts';
import { HorizonWatch } from './waitlist/horizon-watch.ts';
import { Offers } from './waitlist/offers.ts';

export interface BackgroundDeps {
  readonly config: CoreConfig;
  readonly context: CoreContext;
  readonly desk: VisitDesk;
  readonly holds: Holds;
  readonly log: Logger;
  readonly events: BackgroundEvents;
  readonly egress: EgressPort;
}

const resources = (events: readonly OutboxEvent[]): string[] => [...new Set(events.map((event) => event.resourceId))];

/** Who is told of what. */
const handlersOf = (options: { context: CoreContext; sender: Sender; offers: Offers }): OutboxHandlers => {
  const { context, sender, offers } = options;
  const { db } = context.database.asSystem('notifications');
  const tellPatients: OutboxHandler = async (events) => {
    if (await planAppointmentMessages(db, resources(events), nowOf(context))) sender.wake();
  };
  const tellOffered: OutboxHandler = async (events) => {
    if (await planOfferMessages(db, resources(events), nowOf(context))) sender.wake();
  };
  const tellAsking: OutboxHandler = async (events) => {
    if (await planAnswerMessages(db, resources(events), nowOf(context))) sender.wake();
  };
  return {
    'appointment.booked': [tellPatients],
    'appointment.cancelled': [offers.onAppointments, tellPatients],
    'appointment.rescheduled': [offers.onAppointments, tellPatients],
    'provider.opened': [offers.onOpened],
    'waitlist.offered': [tellOffered],
    'waitlist.offer-closed': [offers.onOffersClosed],
    'emergency.opened': [
      async (events) => {
        if (await planAlarms(db, resources(events), nowOf(context))) sender.wake();
        for (const _ of events) context.events.emergencyOpened();
      },
    ],
    'correction.extended': [tellAsking],
    'correction.answered': [tellAsking],
    'correction.rebutted': [tellAsking],
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
  const { config, context, desk, log, events } = deps;
  const random = Math.random;
  const teardown = new Teardown();
  if (!config.jobs) return teardown;
  const sender = teardown.use(
    new Sender({
      context,
      transports: {
        email: config.smtp === undefined ? consoleTransport('email', log) : smtpTransport(config.smtp, deps.egress),
        sms: consoleTransport('sms', log),
      },
      siteUrl: config.publicUrl,
      random,
      onOutcome: (event) => events.notificationDone(event),
    }),
  );
  const offers = new Offers({ context, holds: deps.holds, minutes: config.offerMinutes, events });
  const lapses = teardown.use(new HoldWatch({ context, offers }));
  const horizon = new HorizonWatch({ context, offers });
  const outbox = teardown.use(
    new Outbox({
      context,
      handlers: handlersOf({ context, sender, offers }),
      random,
      onFailed: (event) => events.outboxFailed(event),
    }),
  );
  // Whatever is booked, moved or cancelled changes somebody's day, and is in the outbox by then.
  teardown.use(context.bus.subscribe(DAY_CHANGED_PATTERN, () => outbox.wake()));
  // So does whatever is held, and its time comes back when it lapses.
  teardown.use(context.bus.subscribe(DAY_CHANGED_PATTERN, () => lapses.wake()));
  teardown.use(
    await JobRunner.start({
      databaseUrl: config.databaseUrl,
      role: applicationRoleOf(config),
      tasks: createTasks({ context, desk, outbox, sender, offers, lapses, horizon }),
      log,
      random,
      onDone: (event) => events.jobDone(event),
    }),
  );
  // What was left when the last process ended.
  outbox.wake();
  sender.wake();
  lapses.wake();
  return teardown;
};
