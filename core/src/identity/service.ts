import { AppError } from '@bedside/protocol';
import type { Caller } from '../caller.ts';
import type { CoreConfig } from '../config.ts';
import type { CoreContext } from '../context.ts';
import type { Grants } from '../grants/service.ts';
import { Issuers } from './issuers.ts';
import { Machines } from './machines.ts';
import { Passkeys } from './passkeys.ts';
import { type Origin, Sessions } from './sessions.ts';
import { SignIn } from './sign-in.ts';
import { StepUpGate } from './step-up-gate.ts';

/** Who somebody is: people by the organization's issuers and the sessions that follow, machines by their tokens. */
export class Identity {
  readonly issuers: Issuers;
  readonly sessions: Sessions;
  readonly signIn: SignIn;
  readonly stepUp: StepUpGate;
  readonly passkeys: Passkeys;
  readonly machines: Machines;

  constructor(options: {
    context: CoreContext;
    grants: Grants;
    config: Pick<CoreConfig, 'issuers' | 'publicUrl' | 'sessions' | 'stepUpWithinMs'>;
  }) {
    const { context, grants, config } = options;
    const { publicUrl } = config;
    this.issuers = new Issuers({ configs: config.issuers, publicUrl, clock: context.clock });
    this.sessions = new Sessions({ context, grants, limits: config.sessions });
    this.signIn = new SignIn({ context, issuers: this.issuers, sessions: this.sessions });
    this.stepUp = new StepUpGate({ context, issuers: this.issuers, withinMs: config.stepUpWithinMs });
    this.passkeys = new Passkeys({ context, sessions: this.sessions, publicUrl });
    this.machines = new Machines({ context, publicUrl });
  }

  /**
   * Whose request it is. One that brings a token is judged by the token alone: a cookie that came along never makes up
   * for a bad one, so that what needs no cross-site check is never done with a cookie.
   */
  async recognize(
    credentials: { readonly authorization: string | undefined; readonly cookie: string | undefined },
    origin: Origin,
  ): Promise<Caller | undefined> {
    const { authorization, cookie } = credentials;
    if (authorization === undefined) return this.sessions.recognize(cookie, origin);
    const [, token] = /^bearer +(\S+)$/i.exec(authorization) ?? [];
    return token === undefined ? undefined : this.machines.recognize(token, origin);
  }

  /** Where a browser goes to end the issuer's session that its own came of; the home page where it has none. */
  async endSessionUrl(caller: Caller): Promise<string> {
    const issuer = this.issuers.byUrl(caller.session?.issuer ?? null) ?? this.issuers.only;
    try {
      return (await issuer?.endSessionUrl()) ?? '/';
    } catch (error) {
      // Here they are signed out whether or not the issuer answers.
      if (error instanceof AppError) return '/';
      throw error;
    }
  }
}
