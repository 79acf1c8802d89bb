import type { AccountRole, SessionSummary } from '@bedside/protocol';
import { AppError } from '@bedside/protocol';
import { audit } from '../audit/audit.ts';
import { actorOf, type Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import type { ScopedDatabase, Tx } from '../db/database.ts';
import { Gathering } from '../db/gathering.ts';
import type { Grants } from '../grants/service.ts';
import { looksLikeSecret, newSecret, sha256 } from '../secrets.ts';
import type { IssuerIdentity } from './issuer.ts';
import type { Issuers } from './issuers.ts';
import {
  type Capacity,
  isAlive,
  kindOf,
  rolesIn,
  SESSION_TOUCH_MS,
  type SessionKind,
  type SessionLimits,
} from './session-model.ts';
import { type Account, findSession, findSessions, forgetOldSessions, type SessionRow, touchSession } from './store.ts';

/** The way a request came in. */
export interface Origin {
  readonly address: string | undefined;
  readonly requestId: string | undefined;
}

export type LimitsByKind = Readonly<Record<SessionKind, SessionLimits>>;

/** Browser sessions: opened by a sign-in, recognized by a cookie whose hash alone is kept, ended in five ways. */
export class Sessions {
  readonly #context: CoreContext;
  readonly #grants: Grants;
  readonly #issuers: Issuers;
  readonly #limits: LimitsByKind;
  /** Every request asks for one: those that come together ask together. */
  readonly #asked: Gathering<string, SessionRow | undefined>;

  constructor(options: { context: CoreContext; grants: Grants; issuers: Issuers; limits: LimitsByKind }) {
    this.#context = options.context;
    this.#grants = options.grants;
    this.#issuers = options.issuers;
    this.#limits = options.limits;
    const { db } = this.#signIn;
    this.#asked = new Gathering({
      together: async (hashes) => {
        const found = new Map((await findSessions(db, hashes)).map((session) => [session.idHash, session]));
        return hashes.map((hash) => found.get(hash));
      },
      alone: (hash) => findSession(db, hash),
      most: 64,
      rounds: 2,
    });
  }

  /** Nobody is known yet. */
  get #signIn(): ScopedDatabase {
    return this.#context.database.asSystem('sign-in');
  }

  /** The longest that any session lives. */
  get longestLifeMs(): number {
    return Math.max(this.#limits.staff.lifeMs, this.#limits.patient.lifeMs);
  }

  /** Always a new one: a session that somebody planted in the browser before is worth nothing after. */
  async open(
    tx: Tx,
    opening: {
      readonly account: Account;
      readonly roles: readonly AccountRole[];
      readonly capacity: Capacity;
      readonly identity: IssuerIdentity;
      readonly previous: Caller | undefined;
      readonly origin: Origin;
      readonly now: Date;
    },
  ): Promise<string> {
    const { account, roles, capacity, identity, previous, origin, now } = opening;
    if (previous !== undefined) await this.#close(tx, previous, now);
    await forgetOldSessions(tx.db, new Date(now.getTime() - this.longestLifeMs));
    const cookie = newSecret();
    const { personId, organizationId } = account;
    await tx.db
      .insertInto('sessions')
      .values({
        idHash: sha256(cookie),
        organizationId,
        personId,
        createdAt: now,
        seenAt: now,
        expiresAt: new Date(now.getTime() + this.#limits[kindOf(roles)].lifeMs),
        capacity,
        issuer: identity.issuer,
        subject: identity.subject,
        issuerSession: identity.issuerSession ?? null,
        authenticatedAt: identity.authenticatedAt ?? null,
        acr: identity.acr ?? null,
      })
      .execute();
    const actor = { organizationId, personId, role: roles[0], ...origin };
    await audit(tx.db, { at: now, actor, action: 'session.open', resource: { type: 'session' } });
    return cookie;
  }

  /**
   * A session whose person has proved anew who they are: it goes on under a new cookie, so that one that was known to
   * somebody else before is not made stronger with it. What it was granted goes along.
   */
  async strengthen(
    tx: Tx,
    caller: Caller,
    proof: { readonly passkeyAt: Date } | { readonly authenticatedAt: Date; readonly acr: string | null },
    by: string,
  ): Promise<string> {
    const cookie = newSecret();
    const now = nowOf(this.#context);
    const moved = await tx.db
      .updateTable('sessions')
      .set({ idHash: sha256(cookie), ...proof })
      .where('idHash', '=', caller.sessionHash)
      .where('endedAt', 'is', null)
      .executeTakeFirst();
    if (moved.numUpdatedRows !== 1n) throw new AppError('sign_in_required');
    await tx.db
      .updateTable('grants')
      .set({ sessionHash: sha256(cookie) })
      .where('sessionHash', '=', caller.sessionHash)
      .execute();
    await audit(tx.db, {
      at: now,
      actor: actorOf(caller),
      action: 'session.step-up',
      resource: { type: 'session', id: caller.session?.id },
      reason: by,
    });
    return cookie;
  }

  /** Who the session cookie belongs to; nobody where it is unknown, idle too long, too old or ended. */
  async recognize(cookie: string | undefined, origin: Origin): Promise<Caller | undefined> {
    if (!looksLikeSecret(cookie)) return undefined;
    const idHash = sha256(cookie);
    const session = await this.#asked.ask(idHash);
    const now = nowOf(this.#context);
    if (session === undefined || !this.#isLive(session, now)) return undefined;
    if (now.getTime() - session.seenAt.getTime() >= SESSION_TOUCH_MS) await touchSession(this.#signIn.db, idHash, now);
    return callerOf(session, idHash, origin);
  }

  /** Whether the session of somebody who is being served still stands. */
  async isLive(caller: Caller): Promise<boolean> {
    const session = await findSession(this.#signIn.db, caller.sessionHash);
    return session !== undefined && this.#isLive(session, nowOf(this.#context));
  }

  #isLive(session: SessionRow, now: Date): boolean {
    const { idleMs } = this.#limits[kindOf(rolesIn(session.capacity, session.roles))];
    // An issuer that is taken out of the configuration vouches for nobody any more.
    const isVouchedFor = session.issuer === null || this.#issuers.byUrl(session.issuer) !== undefined;
    return session.isActive && isVouchedFor && isAlive(session, idleMs, now);
  }

  /** Those of one's own that are alive, the last used first. */
  async list(caller: Caller): Promise<SessionSummary[]> {
    const now = nowOf(this.#context);
    const { idleMs } = this.#limits[kindOf(caller.who.roles)];
    const rows = await this.#context.database
      .as(caller)
      .db.selectFrom('sessions')
      .select(['id', 'idHash', 'createdAt', 'seenAt', 'expiresAt', 'issuer'])
      .where('personId', '=', caller.who.personId)
      .where('endedAt', 'is', null)
      .where('expiresAt', '>', now)
      .where('seenAt', '>', new Date(now.getTime() - idleMs))
      .orderBy('seenAt', 'desc')
      .limit(100)
      .execute();
    return rows.map((row) => {
      const issuer = this.#issuers.byUrl(row.issuer)?.config.id;
      return {
        id: row.id,
        current: row.idHash === caller.sessionHash,
        createdAt: row.createdAt.toISOString(),
        seenAt: row.seenAt.toISOString(),
        expiresAt: row.expiresAt.toISOString(),
        ...(issuer === undefined ? {} : { issuer }),
      };
    });
  }

  /** Ends the caller's own session. */
  async end(caller: Caller): Promise<void> {
    const at = nowOf(this.#context);
    await this.#context.database.as(caller).transaction(async (tx) => {
      await this.#close(tx, caller, at);
      await audit(tx.db, { at, actor: actorOf(caller), action: 'session.end', resource: { type: 'session' } });
    });
    this.#context.events.signedOut({ personId: caller.who.personId });
  }

  /** Ends another of one's own. Answers as whom it was known. Errors: `not_found`. */
  async endOne(caller: Caller, id: string): Promise<Caller> {
    const at = nowOf(this.#context);
    return this.#context.database.as(caller).transaction(async (tx) => {
      const row = await tx.db
        .selectFrom('sessions')
        .select('idHash')
        .where('id', '=', id)
        .where('personId', '=', caller.who.personId)
        .where('endedAt', 'is', null)
        .executeTakeFirst();
      if (row === undefined) throw new AppError('not_found');
      const ended = { ...caller, sessionHash: row.idHash };
      await this.#close(tx, ended, at);
      await audit(tx.db, {
        at,
        actor: actorOf(caller),
        action: 'session.end',
        resource: { type: 'session', id },
        reason: 'by-its-person',
      });
      return ended;
    });
  }

  /** Ends what an issuer says has ended: one session of its, or all of a person's there. Answers as whom they were known. */
  async endFromIssuer(
    tx: Tx,
    which: {
      readonly issuer: string;
      readonly subject: string | undefined;
      readonly issuerSession: string | undefined;
    },
    origin: Origin,
  ): Promise<Caller[]> {
    const at = nowOf(this.#context);
    const chosen = tx.db
      .selectFrom('sessions')
      .select(['id', 'idHash', 'personId', 'organizationId'])
      .where('issuer', '=', which.issuer)
      .where('endedAt', 'is', null)
      // A step-up under way gives a session another cookie: it is ended under that one.
      .forUpdate()
      // A token with both means the one session, of that person.
      .$if(which.issuerSession !== undefined, (query) => query.where('issuerSession', '=', which.issuerSession ?? ''))
      .$if(which.subject !== undefined, (query) => query.where('subject', '=', which.subject ?? ''));
    const ended: Caller[] = [];
    for (const row of await chosen.execute()) {
      const { personId, organizationId } = row;
      const caller: Caller = { who: { personId, organizationId, roles: [] }, sessionHash: row.idHash, ...origin };
      await this.#close(tx, caller, at);
      await audit(tx.db, {
        at,
        actor: actorOf(caller, undefined),
        action: 'session.end',
        resource: { type: 'session', id: row.id },
        reason: 'by-the-issuer',
      });
      ended.push(caller);
    }
    return ended;
  }

  async #close(tx: Tx, caller: Caller, at: Date): Promise<void> {
    await tx.db.updateTable('sessions').set({ endedAt: at }).where('idHash', '=', caller.sessionHash).execute();
    await this.#grants.revokeOfSession(tx, caller, at);
  }
}

const callerOf = (session: SessionRow, sessionHash: string, origin: Origin): Caller => {
  const { personId, organizationId, id, issuer, authenticatedAt, acr, passkeyAt } = session;
  return {
    who: { personId, organizationId, roles: rolesIn(session.capacity, session.roles) },
    sessionHash,
    ...origin,
    session: { id, issuer, authenticatedAt, acr, passkeyAt },
  };
};
