import { AppError, type DataCategory, type OrganizationId, type PersonId } from '@bedside/protocol';
import { audit, systemActor } from '../audit/audit.ts';
import { type CoreContext, nowOf } from '../context.ts';
import { dateIn } from '../scheduling/judging.ts';
import { decideEgress, type EgressRefusal } from './model.ts';
import { termsFor, timeZoneOf } from './store.ts';

/** Data on its way to somebody else. */
export interface Departure {
  readonly organizationId: OrganizationId;
  /** Whose it is; absent: it tells of no patient, and goes to a host with an agreement in force all the same. */
  readonly patientId?: PersonId | undefined;
  /** What of theirs it tells. */
  readonly categories: readonly DataCategory[];
  readonly resource: { readonly type: string; readonly id: string };
}

/** Nothing left. */
export class EgressRefused extends AppError {
  readonly reason: EgressRefusal;

  constructor(reason: EgressRefusal) {
    super('egress_refused');
    this.reason = reason;
  }
}

export interface EgressPortOptions {
  readonly context: Pick<CoreContext, 'database' | 'clock'>;
  readonly onRefused: (event: { reason: EgressRefusal }) => void;
}

/**
 * Asked before anything of a patient's is handed to another host: whether an agreement in force, or the organization's
 * word that the host is its own, lets it go (ADR 24). What opens connections to others lives in this folder and nowhere
 * else in core; `core/test/egress-boundary.test.ts` holds that.
 */
export class EgressPort {
  readonly #options: EgressPortOptions;

  constructor(options: EgressPortOptions) {
    this.#options = options;
  }

  /** Errors: `EgressRefused`, which stands in the audit trail by then. */
  async require(destination: string, departure: Departure): Promise<void> {
    const { context, onRefused } = this.#options;
    const { organizationId, categories } = departure;
    const { db } = context.database.asSystem('notifications', { organizationId });
    const now = nowOf(context);
    const terms = await termsFor(db, { organizationId, destination });
    const today = dateIn(now, await timeZoneOf(db, organizationId));
    const decision = decideEgress(terms, { categories, today });
    if (decision.allowed) return;
    await audit(db, {
      at: now,
      actor: systemActor(organizationId),
      action: 'egress.send',
      resource: departure.resource,
      patientId: departure.patientId,
      outcome: 'denied',
      reason: decision.reason,
    });
    onRefused({ reason: decision.reason });
    throw new EgressRefused(decision.reason);
  }
}
