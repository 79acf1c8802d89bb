import { AppError, type ErrorCode, errorCodeOf, type Me } from '@bedside/protocol';
import { audit } from '../audit/audit.ts';
import { actorOf, type Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import type { ScopedDatabase } from '../db/database.ts';
import { isDatabaseUnreachable } from '../db/failures.ts';
import { Gathering } from '../db/gathering.ts';
import type { Grants } from '../grants/service.ts';
import { looksLikeSecret, newSecret, sha256 } from '../secrets.ts';
import type { Issuer, IssuerIdentity } from './issuer.ts';
import { isAlive, SESSION_LIFE_MS, SESSION_TOUCH_MS, SIGN_IN_ATTEMPT_MS } from './session-model.ts';
import {
  type Account,
  type FoundSession,
  findAccount,
  findSession,
  findSessions,
  forgetOldAttempts,
  forgetOldSessions,
  takeAttempt,
  touchSession,
} from './store.ts';

/** The way a request came in. */
export interface Origin {
  readonly address: string | undefined;
  readonly requestId: string | undefined;
}

export type SignInOutcome =
  | { readonly kind: 'signed-in'; readonly cookie: string; readonly returnTo: string }
  | { readonly kind: 'refused'; readonly code: ErrorCode };

/** Sign-in at the organization's issuer, and the browser sessions that follow. */
export class Identity {
  readonly #context: CoreContext;
  readonly #issuer: Issuer;
  readonly #grants: Grants;
  readonly #demo: boolean;
  /** Every request asks for one: those that come together ask together. */
  readonly #sessions: Gathering<string, FoundSession | undefined>;

  constructor(options: { context: CoreContext; issuer: Issuer; grants: Grants; demo: boolean }) {
    this.#context = options.context;
    this.#issuer = options.issuer;
    this.#grants = options.grants;
    this.#demo = options.demo;
    const { db } = this.#signIn;
    this.#sessions = new Gathering({
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

  /**
   * Begins a sign-in. `browser`: the secret cookie of sign-ins under way in this browser, if it has one; several tabs
   * share it. Errors: `unavailable`.
   */
  async start(returnTo: string, browser: string | undefined): Promise<{ url: string; browser: string }> {
    const start = await this.#issuer.start();
    const secret = looksLikeSecret(browser) ? browser : newSecret();
    const now = nowOf(this.#context);
    await forgetOldAttempts(this.#signIn.db, now);
    await this.#signIn.db
      .insertInto('signInAttempts')
      .values({
        stateHash: sha256(start.state),
        browserHash: sha256(secret),
        nonce: start.nonce,
        codeVerifier: start.codeVerifier,
        returnTo,
        expiresAt: new Date(now.getTime() + SIGN_IN_ATTEMPT_MS),
      })
      .execute();
    return { url: start.url, browser: secret };
  }

  /** The code of a sign-in that could not begin, told. */
  refusedStart(error: unknown): ErrorCode {
    const code = codeOf(error);
    this.#context.events.signInRefused({ code, error });
    return code;
  }

  /** Ends a sign-in with what came to the callback. A code and a state of another browser are refused. */
  async finish(options: {
    query: string;
    browser: string | undefined;
    previous: string | undefined;
    origin: Origin;
  }): Promise<SignInOutcome> {
    try {
      const state = new URLSearchParams(options.query).get('state') ?? '';
      const attempt = await takeAttempt(this.#signIn.db, {
        stateHash: sha256(state),
        browserHash: sha256(options.browser ?? ''),
        now: nowOf(this.#context),
      });
      if (attempt === undefined) throw new AppError('sign_in_failed');
      const identity = await this.#issuer.finish(options.query, {
        state,
        nonce: attempt.nonce,
        codeVerifier: attempt.codeVerifier,
      });
      const cookie = await this.#open(identity, options.previous, options.origin);
      return { kind: 'signed-in', cookie, returnTo: attempt.returnTo };
    } catch (error) {
      const code = codeOf(error);
      this.#context.events.signInRefused({ code, error });
      return { kind: 'refused', code };
    }
  }

  /** Always a new session: one that somebody planted in the browser before is worth nothing after. */
  async #open(identity: IssuerIdentity, previous: string | undefined, origin: Origin): Promise<string> {
    const database = this.#signIn;
    const now = nowOf(this.#context);
    const account = await findAccount(database.db, identity);
    if (account === undefined || !account.isActive) {
      const actor = {
        organizationId: account?.organizationId,
        personId: account?.personId,
        role: undefined,
        ...origin,
      };
      await audit(database.db, {
        at: now,
        actor,
        action: 'session.open',
        resource: { type: 'session' },
        outcome: 'denied',
        reason: account === undefined ? 'account-unknown' : 'account-closed',
      });
      throw new AppError('account_unknown');
    }
    const before = await this.recognize(previous, origin);
    const cookie = newSecret();
    const caller = callerOf(account, sha256(cookie), origin);
    await forgetOldSessions(database.db, new Date(now.getTime() - SESSION_LIFE_MS));
    await database.transaction(async (tx) => {
      if (before !== undefined) {
        await tx.db.updateTable('sessions').set({ endedAt: now }).where('idHash', '=', before.sessionHash).execute();
        await this.#grants.revokeOfSession(tx, before, now);
      }
      await tx.db
        .insertInto('sessions')
        .values({
          idHash: caller.sessionHash,
          organizationId: account.organizationId,
          personId: account.personId,
          createdAt: now,
          seenAt: now,
          expiresAt: new Date(now.getTime() + SESSION_LIFE_MS),
        })
        .execute();
      await audit(tx.db, { at: now, actor: actorOf(caller), action: 'session.open', resource: { type: 'session' } });
    });
    this.#context.events.signedIn({ personId: account.personId });
    return cookie;
  }

  /** Who the session cookie belongs to; nobody where it is unknown, idle too long, too old or ended. */
  async recognize(cookie: string | undefined, origin: Origin): Promise<Caller | undefined> {
    if (!looksLikeSecret(cookie)) return undefined;
    const idHash = sha256(cookie);
    const session = await this.#sessions.ask(idHash);
    const now = nowOf(this.#context);
    if (session === undefined || !session.isActive || !isAlive(session, now)) return undefined;
    if (now.getTime() - session.seenAt.getTime() >= SESSION_TOUCH_MS) {
      await touchSession(this.#signIn.db, idHash, now);
    }
    return callerOf(session, idHash, origin);
  }

  /** Ends the session and what it was given, then says where the issuer's own session is ended. */
  async signOut(caller: Caller): Promise<{ redirectTo: string }> {
    const at = nowOf(this.#context);
    await this.#context.database.as(caller).transaction(async (tx) => {
      await tx.db.updateTable('sessions').set({ endedAt: at }).where('idHash', '=', caller.sessionHash).execute();
      await this.#grants.revokeOfSession(tx, caller, at);
      await audit(tx.db, { at, actor: actorOf(caller), action: 'session.end', resource: { type: 'session' } });
    });
    this.#context.events.signedOut({ personId: caller.who.personId });
    try {
      return { redirectTo: (await this.#issuer.endSessionUrl()) ?? '/' };
    } catch {
      // Here they are signed out whether or not the issuer answers.
      return { redirectTo: '/' };
    }
  }

  async me(caller: Caller): Promise<Me> {
    const row = await this.#context.database
      .as(caller)
      .db.selectFrom('people')
      .innerJoin('organizations', 'organizations.id', 'people.organizationId')
      .leftJoin('patients', 'patients.personId', 'people.id')
      .where('people.id', '=', caller.who.personId)
      .select([
        'patients.region',
        'organizations.requiresLicense',
        'people.displayName',
        'people.timeZone',
        'organizations.id as organizationId',
        'organizations.name',
        'organizations.phone',
      ])
      .executeTakeFirstOrThrow();
    return {
      person: { id: caller.who.personId, displayName: row.displayName },
      roles: [...caller.who.roles],
      timeZone: row.timeZone,
      ...(row.region === null ? {} : { region: row.region }),
      organization: {
        id: row.organizationId,
        name: row.name,
        ...(row.phone === null ? {} : { phone: row.phone }),
        requiresRegion: row.requiresLicense,
      },
      demo: this.#demo,
    };
  }
}

/** A database that is away is as `unavailable` as an issuer that is. */
const codeOf = (error: unknown): ErrorCode => (isDatabaseUnreachable(error) ? 'unavailable' : errorCodeOf(error));

const callerOf = (account: Account, sessionHash: string, origin: Origin): Caller => ({
  who: { personId: account.personId, organizationId: account.organizationId, roles: account.roles },
  sessionHash,
  address: origin.address,
  requestId: origin.requestId,
});
