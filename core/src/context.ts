import type { Bus, Clock } from '@bedside/kit';
import { type EncounterId, type PersonId, type VisitEvent, visitEventSubject } from '@bedside/protocol';
import type { Database, Tx } from './db/database.ts';
import type { CoreEvents } from './events.ts';
import type { Phi } from './phi/phi.ts';
import type { Policy } from './policy/policy.ts';
import type { RelayCredentials } from './relay/credentials.ts';

/** What every service of core is given. */
export interface CoreContext {
  readonly database: Database;
  readonly policy: Policy;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly events: CoreEvents;
  readonly relay: RelayCredentials;
  readonly phi: Phi;
  /** How many days ahead of a provider's present one their time is laid out. */
  readonly slotHorizonDays: number;
}

export const nowOf = (context: { readonly clock: Clock }): Date => new Date(context.clock());

/** Tells signaling of an act once it is committed. */
export const announce = (context: CoreContext, tx: Tx, event: VisitEvent): void => {
  const subject = visitEventSubject(event.encounterId as EncounterId);
  tx.onCommit(() => context.bus.publish(subject, event));
};

const DAY_CHANGED = { prefix: 'core.day.', suffix: '.changed' } as const;
export const DAY_CHANGED_PATTERN = `${DAY_CHANGED.prefix}*${DAY_CHANGED.suffix}`;

/** Tells every core process that a provider's day looks different once the act is committed. */
export const announceDayChange = (context: CoreContext, tx: Pick<Tx, 'onCommit'>, providerId: PersonId): void =>
  tx.onCommit(() => context.bus.publish(`${DAY_CHANGED.prefix}${providerId}${DAY_CHANGED.suffix}`, {}));

/** Whose day a subject of `DAY_CHANGED_PATTERN` tells of. */
export const providerOfDayChange = (subject: string): PersonId =>
  subject.slice(DAY_CHANGED.prefix.length, -DAY_CHANGED.suffix.length) as PersonId;
