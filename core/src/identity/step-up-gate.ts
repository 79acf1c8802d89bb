import { AppError, type StepUpWays } from '@bedside/protocol';
import type { Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import type { Issuers } from './issuers.ts';
import { isRecent, isSteppedUp } from './step-up.ts';

export const PASSKEY_ASSERTION_PATH = '/api/v1/me/passkeys/assertion/options';
export const PASSKEY_REGISTRATION_PATH = '/api/v1/me/passkeys/registration/options';

/** Somebody has to prove anew that it is they; `ways` says where they can. */
export class StepUpRequired extends AppError {
  readonly ways: StepUpWays;

  constructor(ways: StepUpWays) {
    super('step_up_required');
    this.ways = ways;
  }
}

/** Keeps sensitive acts for people who have just proved who they are, whatever a session's cookie opens otherwise. */
export class StepUpGate {
  readonly #context: CoreContext;
  readonly #issuers: Issuers;
  readonly #withinMs: number;

  constructor(options: { context: CoreContext; issuers: Issuers; withinMs: number }) {
    this.#context = options.context;
    this.#issuers = options.issuers;
    this.#withinMs = options.withinMs;
  }

  /** Throws `StepUpRequired`. A machine proves itself by its key with each token, and passes. */
  async require(caller: Caller): Promise<void> {
    if (caller.machine !== undefined) return;
    const rule = this.#issuers.stepUpRule(caller.session?.issuer ?? null);
    if (caller.session !== undefined && isSteppedUp(caller.session, rule, this.#withinMs, nowOf(this.#context))) return;
    throw new StepUpRequired(await this.#ways(caller, rule.by === 'passkey'));
  }

  /**
   * A first passkey takes a recent sign-in at the issuer, each further one what any sensitive act takes: a cookie that
   * somebody found is not enough to make a key of one's own for it.
   */
  async requireForPasskey(caller: Caller): Promise<void> {
    if (await this.#hasPasskey(caller)) return this.require(caller);
    const at = caller.session?.authenticatedAt ?? null;
    if (!isRecent(at, this.#withinMs, nowOf(this.#context))) throw new StepUpRequired({ signIn: SIGN_IN_AGAIN });
  }

  async #ways(caller: Caller, wantsPasskey: boolean): Promise<StepUpWays> {
    if (await this.#hasPasskey(caller))
      return { passkey: PASSKEY_ASSERTION_PATH, ...(wantsPasskey ? {} : { signIn: SIGN_IN_AGAIN }) };
    return { signIn: SIGN_IN_AGAIN, ...(wantsPasskey ? { registerPasskey: PASSKEY_REGISTRATION_PATH } : {}) };
  }

  async #hasPasskey(caller: Caller): Promise<boolean> {
    const row = await this.#context.database
      .as(caller)
      .db.selectFrom('passkeys')
      .select('id')
      .where('personId', '=', caller.who.personId)
      .where('clonedAt', 'is', null)
      .executeTakeFirst();
    return row !== undefined;
  }
}

const SIGN_IN_AGAIN = '/auth/login?step_up=true';
