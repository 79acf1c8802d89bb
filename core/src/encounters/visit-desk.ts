import { AppError, type EncounterId } from '@bedside/protocol';
import { AccessDenied, type Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import type { Db, Tx } from '../db/database.ts';
import { type Action, decideOnVisit } from '../policy/policy.ts';
import { findVisit, lockVisit, type Visit } from './visit-store.ts';

/** Who asks, found out inside the transaction: the holder of a grant, or a session's person. */
export type Identify = (db: Db, now: Date) => Promise<Caller>;

/** Acts on one visit that may wait for each other; more are refused. */
const MAX_WAITING = 256;

/** Throws `AccessDenied` where the policy says no; a visit that does not exist is denied as one that is not theirs. */
const authorize = (
  caller: Caller,
  action: Action,
  visit: Visit | undefined,
  about: { encounterId: EncounterId; at: Date },
): Visit => {
  const base = { at: about.at, caller, action, resource: { type: 'encounter', id: about.encounterId } };
  if (visit === undefined) throw new AccessDenied({ ...base, code: 'not_found', reason: 'no-such-visit' });
  const decision = decideOnVisit(caller.who, action, {
    organizationId: visit.organizationId,
    providerId: visit.providerId,
    memberIds: visit.members.map((member) => member.personId),
  });
  if (decision.allowed) return visit;
  throw new AccessDenied({
    ...base,
    code: decision.code,
    reason: decision.reason,
    encounterId: visit.encounterId,
    patientId: visit.patientId ?? undefined,
  });
};

/**
 * The one way to a visit: it is looked up, the policy is asked, and writes get it locked. Writes to one visit run one
 * after the other in this process, so that what they announce leaves in the order in which they were committed, and so
 * that one busy visit waits with one connection and not with the whole pool.
 */
export class VisitDesk {
  readonly #context: CoreContext;
  readonly #queues = new Map<EncounterId, { tail: Promise<unknown>; waiting: number }>();

  constructor(context: CoreContext) {
    this.#context = context;
  }

  async read(caller: Caller, action: Action, encounterId: EncounterId): Promise<Visit> {
    const at = nowOf(this.#context);
    return authorize(caller, action, await findVisit(this.#context.database.db, encounterId), { encounterId, at });
  }

  /** Runs `work` with the visit locked. `identify` says who asks, inside the transaction and before anything is told. */
  async write<Result>(
    options: { readonly encounterId: EncounterId; readonly action: Action; readonly identify: Identify },
    work: (act: { tx: Tx; visit: Visit; caller: Caller; now: Date }) => Promise<Result>,
  ): Promise<Result> {
    return this.#inTurn(options.encounterId, () =>
      this.#context.database.transaction(async (tx) => {
        const visit = await lockVisit(tx.db, options.encounterId);
        const now = nowOf(this.#context);
        const caller = await options.identify(tx.db, now);
        return work({
          tx,
          visit: authorize(caller, options.action, visit, { encounterId: options.encounterId, at: now }),
          caller,
          now,
        });
      }),
    );
  }

  /** Runs `work` with the visit locked for what nobody asked for. Answers `undefined` where there is no such visit. */
  async writeAsSystem<Result>(
    encounterId: EncounterId,
    work: (act: { tx: Tx; visit: Visit; now: Date }) => Promise<Result>,
  ): Promise<Result | undefined> {
    return this.#inTurn(encounterId, () =>
      this.#context.database.transaction(async (tx) => {
        const visit = await lockVisit(tx.db, encounterId);
        return visit && work({ tx, visit, now: nowOf(this.#context) });
      }),
    );
  }

  async #inTurn<Result>(encounterId: EncounterId, work: () => Promise<Result>): Promise<Result> {
    const queue = this.#queues.get(encounterId) ?? { tail: Promise.resolve(), waiting: 0 };
    if (queue.waiting >= MAX_WAITING)
      throw new AppError('unavailable', { detail: 'Too much happens in this visit at once.' });
    this.#queues.set(encounterId, queue);
    queue.waiting += 1;
    const result = queue.tail.then(work);
    queue.tail = result.catch(() => undefined);
    try {
      return await result;
    } finally {
      queue.waiting -= 1;
      if (queue.waiting === 0) this.#queues.delete(encounterId);
    }
  }
}
