import { AppError } from '@bedside/protocol';
import * as oidc from 'openid-client';
import type { OidcConfig } from '../config.ts';

const TIMEOUT_SECONDS = 5;

/** Who the issuer says somebody is. */
export interface IssuerIdentity {
  readonly issuer: string;
  readonly subject: string;
}

export interface SignInStart {
  readonly url: string;
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** The organization's OIDC issuer (OpenID Connect Core 1.0 §3.1; PKCE: RFC 7636). Found by discovery at first use. */
export class Issuer {
  readonly #config: OidcConfig;
  readonly #redirectUri: string;
  readonly #homeUrl: string;
  #discovered: Promise<oidc.Configuration> | undefined;

  constructor(config: OidcConfig, publicUrl: string) {
    this.#config = config;
    this.#redirectUri = `${publicUrl}/auth/callback`;
    this.#homeUrl = `${publicUrl}/`;
  }

  /** Errors: `unavailable` when the issuer cannot be reached. */
  async start(): Promise<SignInStart> {
    const issuer = await this.#discover();
    const codeVerifier = oidc.randomPKCECodeVerifier();
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
    const url = oidc.buildAuthorizationUrl(issuer, {
      redirect_uri: this.#redirectUri,
      scope: 'openid',
      code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    return { url: url.href, state, nonce, codeVerifier };
  }

  /** `query`: as it came to the callback. Errors: `sign_in_failed`, `unavailable`. */
  async finish(
    query: string,
    expected: { state: string; nonce: string; codeVerifier: string },
  ): Promise<IssuerIdentity> {
    const issuer = await this.#discover();
    const tokens = await this.#ask(() =>
      oidc.authorizationCodeGrant(issuer, new URL(`${this.#redirectUri}${query}`), {
        pkceCodeVerifier: expected.codeVerifier,
        expectedState: expected.state,
        expectedNonce: expected.nonce,
        idTokenExpected: true,
      }),
    );
    const claims = tokens.claims();
    if (claims === undefined) throw new AppError('sign_in_failed');
    return { issuer: claims.iss, subject: claims.sub };
  }

  /** Where the browser goes to end the issuer's own session (RP-Initiated Logout 1.0); absent where it has none. */
  async endSessionUrl(): Promise<string | undefined> {
    const issuer = await this.#discover();
    if (issuer.serverMetadata().end_session_endpoint === undefined) return undefined;
    return oidc.buildEndSessionUrl(issuer, { post_logout_redirect_uri: this.#homeUrl }).href;
  }

  /** Several who ask at once share one discovery; one that failed is tried again by the next. */
  #discover(): Promise<oidc.Configuration> {
    this.#discovered ??= this.#ask(() => {
      const { issuer, clientId, clientSecret } = this.#config;
      const url = new URL(issuer);
      const execute = url.protocol === 'http:' ? [oidc.allowInsecureRequests] : [];
      const authentication = clientSecret === undefined ? oidc.None() : oidc.ClientSecretBasic(clientSecret);
      return oidc.discovery(url, clientId, clientSecret, authentication, { execute, timeout: TIMEOUT_SECONDS });
    }).catch((error: unknown) => {
      this.#discovered = undefined;
      throw error;
    });
    return this.#discovered;
  }

  async #ask<Result>(question: () => Promise<Result>): Promise<Result> {
    try {
      return await question();
    } catch (cause) {
      throw new AppError(isUnreachable(cause) ? 'unavailable' : 'sign_in_failed', { cause });
    }
  }
}

/** fetch fails with a TypeError, a time-out with its own code; an answer of 5xx is no better. */
const isUnreachable = (error: unknown): boolean => {
  if (error instanceof TypeError) return true;
  if (!(error instanceof oidc.ClientError)) return false;
  if (error.code === 'OAUTH_TIMEOUT') return true;
  const answer: unknown = error.cause;
  return answer instanceof TypeError || (answer instanceof Response && answer.status >= 500);
};
