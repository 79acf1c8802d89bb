import { Counter, Gauge, Histogram, type Logger, type Registry } from '@bedside/kit';
import type { Db } from '../db/database.ts';
import type { Channel, NotificationKind } from '../notifications/model.ts';
import { outboxBacklog } from '../outbox/store.ts';
import { jobBacklog } from './queue.ts';

/** What happens beside requests, one function an event: a log line and a metric each. Labels take few values. */
export interface BackgroundEvents {
  jobDone(event: { task: string; durationMs: number; error?: unknown }): void;
  offerMade(): void;
  offerClosed(event: { outcome: 'accepted' | 'declined' | 'lapsed' | 'withdrawn' }): void;
  outboxFailed(event: { topic: string; attempts: number; isParked: boolean; error: unknown }): void;
  notificationDone(event: {
    channel: Channel;
    kind: NotificationKind;
    outcome: string;
    reason: string | undefined;
  }): void;
}

/** Tasks take from milliseconds to minutes. */
const JOB_BUCKETS_SECONDS = [0.01, 0.05, 0.25, 1, 5, 15, 60, 300];

export const createBackgroundEvents = (options: {
  log: Logger;
  registry: Registry;
  db: Db;
  clock: () => number;
}): BackgroundEvents => {
  const { log, registry, db } = options;
  const registers = [registry];
  const name = (what: string) => `bedside_core_${what}`;
  const jobs = new Histogram({
    name: name('job_duration_seconds'),
    help: 'Tasks done beside requests, by outcome.',
    labelNames: ['task', 'outcome'],
    buckets: JOB_BUCKETS_SECONDS,
    registers,
  });
  const outboxFailures = new Counter({
    name: name('outbox_failures_total'),
    help: 'Outbox events that a handler failed on; parked ones are not tried again.',
    labelNames: ['topic', 'outcome'],
    registers,
  });
  const offers = new Counter({
    name: name('waitlist_offers_total'),
    help: 'Freed times offered to those who wait, and how the offers ended.',
    labelNames: ['outcome'],
    registers,
  });
  const notifications = new Counter({
    name: name('notifications_total'),
    help: 'Messages to people, by what became of them.',
    labelNames: ['channel', 'kind', 'outcome'],
    registers,
  });

  /** Asked for at every scrape, so that it also tells when nothing runs any more; without the database it stays as it was. */
  const gauge = (what: string, help: string, read: () => Promise<number>) =>
    new Gauge({
      name: name(what),
      help,
      registers,
      async collect() {
        const value = await read().catch(() => undefined);
        if (value !== undefined) this.set(value);
      },
    });
  const backlog = () => outboxBacklog(db, new Date(options.clock()));
  gauge(
    'outbox_oldest_due_seconds',
    'How late the oldest outbox event is.',
    async () => (await backlog()).oldestDueSeconds,
  );
  gauge('outbox_parked', 'Outbox events that were given up.', async () => (await backlog()).parked);
  gauge('jobs_oldest_due_seconds', 'How late the oldest task is.', async () => (await jobBacklog(db)).oldestDueSeconds);
  gauge('jobs_given_up', 'Tasks that failed too often.', async () => (await jobBacklog(db)).givenUp);

  return {
    jobDone: ({ task, durationMs, error }) => {
      jobs.observe({ task, outcome: error === undefined ? 'success' : 'failure' }, durationMs / 1000);
      if (error === undefined) log.debug('job-done', { route: task, durationMs });
      else log.error('job-failed', { route: task, durationMs, error });
    },
    offerMade: () => offers.inc({ outcome: 'made' }),
    offerClosed: ({ outcome }) => offers.inc({ outcome }),
    outboxFailed: ({ topic, attempts, isParked, error }) => {
      outboxFailures.inc({ topic, outcome: isParked ? 'parked' : 'retried' });
      log.error('outbox-failed', { subject: topic, attempt: attempts, state: isParked ? 'parked' : 'retried', error });
    },
    notificationDone: ({ channel, kind, outcome, reason }) => {
      notifications.inc({ channel, kind, outcome });
      if (outcome === 'failed' || outcome === 'retried')
        log.warn('notification-not-sent', { route: channel, subject: kind, state: outcome, reason });
    },
  };
};
