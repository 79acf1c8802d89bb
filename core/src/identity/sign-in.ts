import { AppError, type ErrorCode, errorCodeOf } from '@bedside/protocol';
import { audit } from '../audit/audit.ts';
import type { Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import type { ScopedDatabase } from '../db/database.ts';
import { isDatabaseUnreachable } from '../db/failures.ts';
import { looksLikeSecret, newSecret, sha256 } from '../secrets.ts';
import { admit, type Refusal } from './accounts.ts';
import { wasEndedSince } from './ended-at-issuer.ts';
import type { Issuer, IssuerIdentity } from './issuer.ts';
import { capacityOf } from './issuer-config.ts';
import type { Issuers } from './issuers.ts';
import { SIGN_IN_ATTEMPT_MS } from './session-model.ts';
import type { Origin, Sessions } from './sessions.ts';
import { type Account, findAccount, forgetOldAttempts, takeAttempt } from './store.ts';

const CLOCK_TOLERANCE_MS = 30_000;

export type SignInOutcome =
  | { readonly kind: 'signed-in'; readonly cookie: string; readonly returnTo: string }
  | { readonly kind: 'refused'; readonly code: ErrorCode };

const CODES: Readonly<Partial<Record<Refusal, ErrorCode>>> = {
  'ended-by-the-issuer': 'sign_in_failed',
  'link-ambiguous': 'account_link_refused',
  'link-not-patient': 'account_link_refused',
  'link-taken': 'account_link_refused',
};

/** The issuer ended, meanwhile, what it had vouched for. */
const endedMeanwhile = (account: Account | undefined) =>
  ({ kind: 'refused', reason: 'ended-by-the-issuer', account }) as const;

/** Sign-in at an issuer of the organization's, and the step-up that goes the same way. */
export class SignIn {
  readonly #context: CoreContext;
  readonly #issuers: Issuers;
  readonly #sessions: Sessions;

  constructor(options: { context: CoreContext; issuers: Issuers; sessions: Sessions }) {
    this.#context = options.context;
    this.#issuers = options.issuers;
    this.#sessions = options.sessions;
  }

  /** Nobody is known yet. */
  get #signIn(): ScopedDatabase {
    return this.#context.database.asSystem('sign-in');
  }

  /**
   * Begins a sign-in. `browser`: the secret cookie of sign-ins under way in this browser, if it has one; several tabs
   * share it. `stepUp`: the session that is to be stronger afterwards. Errors: `unavailable`.
   */
  async start(options: {
    issuer: Issuer;
    returnTo: string;
    browser: string | undefined;
    stepUp?: Caller | undefined;
  }): Promise<{ url: string; browser: string }> {
    const { issuer, stepUp } = options;
    const rule = issuer.config.stepUp;
    const start = await issuer.start({
      // A session of the issuer's that is older than one of ours may get is no reason to let anybody in.
      maxAgeSeconds: stepUp === undefined ? Math.floor(this.#sessions.longestLifeMs / 1000) : 0,
      acrValues: stepUp !== undefined && rule.by === 'acr' ? rule.values : [],
    });
    const secret = looksLikeSecret(options.browser) ? options.browser : newSecret();
    const now = nowOf(this.#context);
    await forgetOldAttempts(this.#signIn.db, now);
    await this.#signIn.db
      .insertInto('signInAttempts')
      .values({
        stateHash: sha256(start.state),
        browserHash: sha256(secret),
        nonce: start.nonce,
        codeVerifier: start.codeVerifier,
        returnTo: options.returnTo,
        expiresAt: new Date(now.getTime() + SIGN_IN_ATTEMPT_MS),
        issuerId: issuer.config.id,
        createdAt: now,
        sessionHash: stepUp?.sessionHash ?? null,
      })
      .execute();
    return { url: start.url, browser: secret };
  }

  /** The code of a sign-in that could not begin, told. */
  refused(error: unknown): ErrorCode {
    const code = isDatabaseUnreachable(error) ? 'unavailable' : errorCodeOf(error);
    this.#context.events.signInRefused({ code, error });
    return code;
  }

  /**
   * Ends a sign-in with what came to an issuer's callback. A code and a state of another browser, or of a sign-in that
   * was begun at another issuer, are refused.
   */
  async finish(options: {
    issuer: Issuer | undefined;
    query: string;
    browser: string | undefined;
    previous: string | undefined;
    origin: Origin;
  }): Promise<SignInOutcome> {
    const { issuer, query, origin } = options;
    try {
      if (issuer === undefined) throw new AppError('sign_in_failed');
      const state = new URLSearchParams(query).get('state') ?? '';
      const attempt = await takeAttempt(this.#signIn.db, {
        stateHash: sha256(state),
        browserHash: sha256(options.browser ?? ''),
        issuerId: issuer.config.id,
        now: nowOf(this.#context),
      });
      if (attempt === undefined) throw new AppError('sign_in_failed');
      const { nonce, codeVerifier, returnTo } = attempt;
      const identity = await issuer.finish(query, { state, nonce, codeVerifier });
      const previous = await this.#sessions.recognize(options.previous, origin);
      const cookie =
        attempt.sessionHash === null
          ? await this.#open({ issuer, identity, previous, origin, begunAt: attempt.createdAt })
          : await this.#stepUp({ issuer, identity, previous, ...attempt, sessionHash: attempt.sessionHash });
      return { kind: 'signed-in', cookie, returnTo };
    } catch (error) {
      return { kind: 'refused', code: this.refused(error) };
    }
  }

  async #open(act: {
    issuer: Issuer;
    identity: IssuerIdentity;
    previous: Caller | undefined;
    origin: Origin;
    begunAt: Date;
  }): Promise<string> {
    const { issuer, identity, previous, origin } = act;
    const now = nowOf(this.#context);
    const { authenticatedAt } = identity;
    if (
      authenticatedAt !== undefined &&
      now.getTime() - authenticatedAt.getTime() > this.#sessions.longestLifeMs + CLOCK_TOLERANCE_MS
    )
      throw new AppError('sign_in_failed');
    const opened = await this.#signIn.transaction(async (tx) => {
      const admission = (await wasEndedSince(tx, identity, act.begunAt))
        ? endedMeanwhile(await findAccount(tx.db, identity))
        : await admit(tx, { identity, issuer: issuer.config, at: now, origin, phi: this.#context.phi });
      const { account } = admission;
      if (admission.kind === 'refused') {
        await audit(tx.db, {
          at: now,
          actor: {
            organizationId: account?.organizationId,
            personId: account?.personId,
            role: undefined,
            ...origin,
          },
          action: 'session.open',
          resource: { type: 'session' },
          outcome: 'denied',
          reason: admission.reason,
        });
        return admission;
      }
      const { roles } = admission;
      const capacity = capacityOf(issuer.config);
      const cookie = await this.#sessions.open(tx, {
        account: admission.account,
        roles,
        capacity,
        identity,
        previous,
        origin,
        now,
      });
      return { kind: 'opened' as const, cookie, personId: admission.account.personId };
    });
    if (opened.kind === 'refused') throw new AppError(CODES[opened.reason] ?? 'account_unknown');
    this.#context.events.signedIn({ personId: opened.personId });
    return opened.cookie;
  }

  /** The same person, in the session that asked, seen by the issuer after it asked: or nothing is stronger than before. */
  async #stepUp(act: {
    issuer: Issuer;
    identity: IssuerIdentity;
    previous: Caller | undefined;
    sessionHash: string;
    createdAt: Date;
  }): Promise<string> {
    const { issuer, identity, previous } = act;
    const rule = issuer.config.stepUp;
    const account = await findAccount(this.#signIn.db, identity);
    const { authenticatedAt, acr = null } = identity;
    if (
      previous === undefined ||
      previous.sessionHash !== act.sessionHash ||
      account?.personId !== previous.who.personId ||
      authenticatedAt === undefined ||
      authenticatedAt.getTime() < act.createdAt.getTime() - CLOCK_TOLERANCE_MS ||
      (rule.by === 'acr' && (acr === null || !rule.values.includes(acr)))
    )
      throw new AppError('step_up_failed');
    return this.#context.database
      .as(previous)
      .transaction((tx) => this.#sessions.strengthen(tx, previous, { authenticatedAt, acr }, 'issuer'));
  }
}
