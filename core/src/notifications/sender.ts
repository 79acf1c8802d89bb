import { audit, systemActor } from '../audit/audit.ts';
import { type CoreContext, nowOf } from '../context.ts';
import { Pump } from '../jobs/pump.ts';
import { KekAway } from '../phi/kek/port.ts';
import { openContact } from './contact-values.ts';
import {
  type Channel,
  categoriesOf,
  isDeliverable,
  MAX_ATTEMPTS,
  type NotificationKind,
  retryDelayMs,
  usefulUntil,
} from './model.ts';
import {
  claimNotifications,
  type DueNotification,
  loadNotifications,
  markDropped,
  markFailed,
  markSent,
} from './store.ts';
import { messageOf } from './templates.ts';
import { DeliveryError, type Transport } from './transport.ts';

/** As many as are handed over within a lease, however slowly the server takes them. */
const BATCH = 8;
const SPACING_MS = 50;
const SEND_TIMEOUT_MS = 60_000;
/** What is under way when the process is told to stop has so long to be acknowledged. */
const CLOSE_GRACE_MS = 3_000;

type Outcome = 'sent' | 'dropped' | 'failed' | 'retried';

export interface SenderOptions {
  readonly context: CoreContext;
  readonly transports: Readonly<Record<Channel, Transport>>;
  /** Front page of the site. */
  readonly siteUrl: string;
  readonly random: () => number;
  readonly onOutcome: (event: {
    channel: Channel;
    kind: NotificationKind;
    outcome: Outcome;
    reason: string | undefined;
  }) => void;
}

/**
 * Sends what is due. A message that was acknowledged is marked and never sent again; a process that dies between the
 * acknowledgement and the mark leaves one that goes out once more, under the same id. Failures are tried again, later
 * each time, up to `MAX_ATTEMPTS`.
 */
export class Sender {
  readonly #options: SenderOptions;
  readonly #pump: Pump;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#pump = new Pump({
      work: (signal) => this.#sendDue(signal),
      spacingMs: SPACING_MS,
      onError: (error) => options.context.events.failed({ error, subject: 'notifications' }),
    });
  }

  wake(): void {
    this.#pump.wake();
  }

  /** Sends until nothing is due. */
  settle(): Promise<void> {
    return this.#pump.settle();
  }

  async #sendDue(signal: AbortSignal): Promise<void> {
    const { db } = this.#options.context.database.asSystem('notifications');
    while (!signal.aborted) {
      const ids = await claimNotifications(db, { now: nowOf(this.#options.context), limit: BATCH });
      const due = await loadNotifications(db, ids);
      await Promise.all(due.map((notification) => this.#process(notification, signal)));
      if (ids.length < BATCH) return;
    }
  }

  async #process(notification: DueNotification, signal: AbortSignal): Promise<void> {
    const { context } = this.#options;
    const database = context.database.asSystem('notifications', { organizationId: notification.organizationId });
    const now = nowOf(context);
    const isOfUse =
      notification.isTrue &&
      now < usefulUntil(notification.kind, { ...notification, expiresAt: notification.expiresAt ?? undefined });
    try {
      const to = isOfUse ? await this.#addressOf(notification) : null;
      if (to === null || !isDeliverable(notification.channel, to)) {
        await markDropped(database.db, notification.id);
        this.#tell(notification, 'dropped');
        return;
      }
      await this.#handOver(notification, to, signal);
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error;
      const isOver = error.isFinal || notification.attempts >= MAX_ATTEMPTS;
      const delayMs = retryDelayMs(notification.attempts, this.#options.random);
      await markFailed(database.db, notification.id, {
        reason: error.reason,
        at: isOver ? undefined : new Date(context.clock() + delayMs),
      });
      this.#tell(notification, isOver ? 'failed' : 'retried', error.reason);
      return;
    }
    await database.transaction(async (tx) => {
      const sentAt = nowOf(context);
      await markSent(tx.db, notification.id, sentAt);
      await audit(tx.db, {
        at: sentAt,
        actor: systemActor(notification.organizationId),
        action: 'notification.send',
        resource: { type: 'notification', id: notification.id },
        patientId: notification.patientId ?? undefined,
        reason: notification.kind,
      });
    });
    this.#tell(notification, 'sent');
  }

  /** Null: there is none any more. Throws `DeliveryError` while it cannot be opened. */
  async #addressOf(notification: DueNotification): Promise<string | null> {
    const { phi, database } = this.#options.context;
    const { organizationId } = notification;
    const of = { ...notification, system: notification.channel };
    try {
      return await openContact(phi, database.asSystem('notifications', { organizationId }).db, of, notification);
    } catch (error) {
      if (error instanceof KekAway) throw new DeliveryError('key-away', { isFinal: false });
      throw error;
    }
  }

  /** Throws `DeliveryError`; where the process is closing, what is not acknowledged soon is left to its lease. */
  async #handOver(notification: DueNotification, to: string, signal: AbortSignal): Promise<void> {
    const { kind, channel } = notification;
    const message = messageOf({
      kind,
      detail: notification.detail,
      organization: { name: notification.organizationName, phone: notification.organizationPhone ?? undefined },
      providerName: notification.providerName ?? undefined,
      startsAt: notification.startsAt,
      expiresAt: notification.expiresAt ?? undefined,
      timeZone: notification.timeZone,
      siteUrl: this.#options.siteUrl,
    });
    const late = Promise.withResolvers<never>();
    const giveUp = (reason: string) => late.reject(new DeliveryError(reason, { isFinal: false }));
    const timers = [setTimeout(() => giveUp('timeout'), SEND_TIMEOUT_MS)];
    const onClose = () => void timers.push(setTimeout(() => giveUp('closing'), CLOSE_GRACE_MS));
    signal.addEventListener('abort', onClose, { once: true });
    try {
      const sending = this.#options.transports[channel].send({
        id: notification.id,
        kind,
        to,
        ...message,
        departure: {
          organizationId: notification.organizationId,
          patientId: notification.patientId ?? undefined,
          categories: categoriesOf(kind, notification.detail),
          resource: { type: 'notification', id: notification.id },
        },
      });
      await Promise.race([sending, late.promise]);
    } finally {
      for (const timer of timers) clearTimeout(timer);
      signal.removeEventListener('abort', onClose);
    }
  }

  #tell(notification: DueNotification, outcome: Outcome, reason?: string): void {
    this.#options.onOutcome({ channel: notification.channel, kind: notification.kind, outcome, reason });
  }

  async close(): Promise<void> {
    await this.#pump.close();
    for (const transport of Object.values(this.#options.transports)) transport.close();
  }
}
