import { AppError, type EncounterId } from '@bedside/protocol';
import { AccessDenied, type Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import type { Db, Tx } from '../db/database.ts';
import { isInCapacity } from '../identity/session-model.ts';
import { type Action, type Decision, isDesk } from '../policy/policy.ts';
import { relationsOf } from '../relationships/relations-of.ts';
import { findVisit, lockVisit, patientIdsOf, type Visit } from './visit-store.ts';

/** Who asks, found out inside the transaction: the holder of a grant, or a session's person. */
export type Identify = (db: Db, now: Date) => Promise<Caller>;

/** Acts on one visit that may wait for each other; more are refused. */
const MAX_WAITING = 256;

interface Hidden {
  readonly caller: Caller;
  readonly action: Action;
  readonly encounterId: EncounterId;
  readonly at: Date;
}

/** Ends a transaction in which a visit was not to be seen. */
class VisitHidden extends Error {
  readonly hidden: Hidden;

  constructor(hidden: Hidden) {
    super('The visit is not to be seen in this scope.');
    this.hidden = hidden;
  }
}

const deniedAt = (
  visit: Visit,
  about: {
    readonly caller: Caller;
    readonly action: Action;
    readonly at: Date;
    readonly code: 'forbidden' | 'not_found';
    readonly reason: string;
  },
): AccessDenied =>
  new AccessDenied({
    ...about,
    resource: { type: 'encounter', id: visit.encounterId },
    encounterId: visit.encounterId,
    patientId: visit.patientId ?? undefined,
  });

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
    const { db } = this.#context.database.as(caller);
    const visit = await findVisit(db, encounterId);
    if (visit === undefined) throw await this.#whyHidden({ caller, action, encounterId, at });
    return this.#authorize(db, visit, { caller, action, at });
  }

  /** Throws `AccessDenied` where the policy says no. */
  async #authorize(db: Db, visit: Visit, { caller, action, at }: Omit<Hidden, 'encounterId'>): Promise<Visit> {
    const known = await this.#related(db, visit, { caller, at });
    const decision = this.#decide(caller, action, known);
    if (decision.allowed) return known;
    throw deniedAt(visit, { caller, action, at, code: decision.code, reason: decision.reason });
  }

  /** The visit, with how the caller has to do with it where they are none of its people. */
  async #related(db: Db, visit: Visit, { caller, at }: Pick<Hidden, 'caller' | 'at'>): Promise<Visit> {
    const { personId } = caller.who;
    if (isDesk(caller.who) || visit.members.some((member) => member.personId === personId)) return visit;
    const patientIds = patientIdsOf(visit);
    return {
      ...visit,
      relations: await relationsOf(db, { personId, patientIds, providerId: visit.providerId, at }),
    };
  }

  #decide(caller: Caller, action: Action, visit: Visit): Decision {
    return this.#context.policy.onVisit(caller.who, action, {
      organizationId: visit.organizationId,
      providerId: visit.providerId,
      // Who came in as a patient alone leads nothing, whatever else they are: an issuer for patients vouches for no more.
      memberIds: visit.members
        .filter(({ personId, role }) => personId !== caller.who.personId || isInCapacity(role, caller.who.roles))
        .map((member) => member.personId),
      patientIds: patientIdsOf(visit),
      relations: visit.relations,
    });
  }

  /**
   * Why somebody does not see a visit in their own scope: there is none, or the policy denies it too. Where the policy
   * does not, the database has the last word.
   */
  async #whyHidden({ caller, action, encounterId, at }: Hidden): Promise<AccessDenied> {
    const visit = await findVisit(this.#context.database.asSystem('visit', { encounterId }).db, encounterId);
    const about = { caller, action, at };
    if (visit === undefined) {
      const resource = { type: 'encounter', id: encounterId };
      return new AccessDenied({ ...about, resource, code: 'not_found', reason: 'no-such-visit' });
    }
    const known = await this.#related(this.#context.database.as(caller).db, visit, { caller, at });
    const decision = this.#decide(caller, action, known);
    return decision.allowed
      ? deniedAt(visit, { ...about, code: 'not_found', reason: 'hidden-by-the-database' })
      : deniedAt(visit, { ...about, code: decision.code, reason: decision.reason });
  }

  /**
   * Runs `work` with the visit locked, in the caller's scope; where a grant has to say first who asks, inside the
   * transaction and before anything is told, in the scope of that one visit.
   */
  async write<Result>(
    options: { readonly encounterId: EncounterId; readonly action: Action; readonly by: Caller | Identify },
    work: (act: { tx: Tx; visit: Visit; caller: Caller; now: Date }) => Promise<Result>,
  ): Promise<Result> {
    const { encounterId, action, by } = options;
    try {
      return await this.#inTurn(encounterId, () =>
        this.#scopeOf(options).transaction(async (tx) => {
          const visit = await lockVisit(tx.db, encounterId);
          const at = nowOf(this.#context);
          const caller = typeof by === 'function' ? await by(tx.db, at) : by;
          // Looked up when this transaction has given its connection back.
          if (visit === undefined) throw new VisitHidden({ caller, action, encounterId, at });
          return work({ tx, visit: await this.#authorize(tx.db, visit, { caller, action, at }), caller, now: at });
        }),
      );
    } catch (error) {
      throw error instanceof VisitHidden ? await this.#whyHidden(error.hidden) : error;
    }
  }

  /** Runs `work` with the visit locked for what nobody asked for. Answers `undefined` where there is no such visit. */
  async writeAsSystem<Result>(
    encounterId: EncounterId,
    work: (act: { tx: Tx; visit: Visit; now: Date }) => Promise<Result>,
  ): Promise<Result | undefined> {
    return this.#inTurn(encounterId, () =>
      this.#context.database.asSystem('visit', { encounterId }).transaction(async (tx) => {
        const visit = await lockVisit(tx.db, encounterId);
        return visit && work({ tx, visit, now: nowOf(this.#context) });
      }),
    );
  }

  #scopeOf({ by, encounterId }: { readonly by: Caller | Identify; readonly encounterId: EncounterId }) {
    const { database } = this.#context;
    return typeof by === 'function' ? database.asSystem('visit', { encounterId }) : database.as(by);
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
