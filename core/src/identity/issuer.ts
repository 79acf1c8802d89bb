import { AppError } from '@bedside/protocol';
import { errors as jose } from 'jose';
import * as oidc from 'openid-client';
import { type Claims, isComplete } from './claims.ts';
import type { IssuerConfig } from './issuer-config.ts';
import { IssuerKeys, SIGNATURE_ALGORITHMS } from './issuer-keys.ts';
import { type EndedAtIssuer, readLogoutToken } from './logout-token.ts';

const TIMEOUT_SECONDS = 5;
/** Endpoints and algorithms change rarely, and never within a sign-in. */
const METADATA_LIFE_MS = 60 * 60_000;
const CLOCK_TOLERANCE_SECONDS = 30;
/** An ID token is made for the sign-in that is being ended. */
const ID_TOKEN_MAX_AGE_SECONDS = 600;

/** Who the issuer says somebody is, and how it knows. */
export interface IssuerIdentity {
  readonly issuer: string;
  readonly subject: string;
  /** `sid`: the issuer's own session. */
  readonly issuerSession: string | undefined;
  /** `auth_time`, where it says. */
  readonly authenticatedAt: Date | undefined;
  readonly acr: string | undefined;
  readonly claims: Claims;
}

export interface SignInStart {
  readonly url: string;
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** What a sign-in asks of the issuer beyond saying who it is. */
export interface SignInWish {
  /** Whoever proved longer ago that it is they is asked again. 0: everybody is. */
  readonly maxAgeSeconds: number;
  readonly acrValues: readonly string[];
}

/**
 * One OIDC issuer (OpenID Connect Core 1.0 §3.1; PKCE: RFC 7636; `iss` in the response: RFC 9207; Back-Channel Logout
 * 1.0), found by discovery at first use.
 */
export class Issuer {
  readonly config: IssuerConfig;
  readonly #redirectUri: string;
  readonly #homeUrl: string;
  readonly #clock: () => number;
  readonly #keys: IssuerKeys;
  #metadata: { readonly value: Promise<oidc.ServerMetadata>; readonly askedAt: number } | undefined;

  constructor(options: { config: IssuerConfig; publicUrl: string; clock: () => number }) {
    this.config = options.config;
    this.#redirectUri = `${options.publicUrl}${options.config.callbackPath}`;
    this.#homeUrl = `${options.publicUrl}/`;
    this.#clock = options.clock;
    this.#keys = new IssuerKeys(options.clock);
  }

  /** Errors: `unavailable` when the issuer cannot be reached. */
  async start(wish: SignInWish): Promise<SignInStart> {
    const client = await this.#client();
    const codeVerifier = oidc.randomPKCECodeVerifier();
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
    const url = oidc.buildAuthorizationUrl(client, {
      redirect_uri: this.#redirectUri,
      scope: [...new Set(['openid', ...this.config.scopes])].join(' '),
      code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      state,
      nonce,
      max_age: String(wish.maxAgeSeconds),
      ...(wish.maxAgeSeconds === 0 ? { prompt: 'login' } : {}),
      ...(wish.acrValues.length === 0 ? {} : { acr_values: wish.acrValues.join(' ') }),
    });
    return { url: url.href, state, nonce, codeVerifier };
  }

  /** `query`: as it came to the callback. Errors: `sign_in_failed`, `unavailable`. */
  async finish(
    query: string,
    expected: { state: string; nonce: string; codeVerifier: string },
  ): Promise<IssuerIdentity> {
    const client = await this.#client();
    return this.#ask(async () => {
      const tokens = await oidc.authorizationCodeGrant(client, new URL(`${this.#redirectUri}${query}`), {
        pkceCodeVerifier: expected.codeVerifier,
        expectedState: expected.state,
        expectedNonce: expected.nonce,
        idTokenExpected: true,
      });
      // The library leaves the signature to TLS (Core §3.1.3.7 6); keys it cannot be talked out of are a second lock.
      const { payload } = await this.#verify(client, tokens.id_token ?? '', {
        maxTokenAge: ID_TOKEN_MAX_AGE_SECONDS,
        requiredClaims: ['sub', 'exp', 'iat', 'nonce'],
      });
      const { sub, iss, sid, acr, auth_time: authTime } = payload;
      if (sub === undefined || iss === undefined || payload.nonce !== expected.nonce)
        throw new AppError('sign_in_failed');
      const isPartial = !isComplete(payload, this.config) && client.serverMetadata().userinfo_endpoint !== undefined;
      const more = isPartial ? await oidc.fetchUserInfo(client, tokens.access_token, sub) : {};
      return {
        issuer: iss,
        subject: sub,
        issuerSession: typeof sid === 'string' && sid.length <= 500 ? sid : undefined,
        // One in the future would stay recent for ever.
        authenticatedAt: typeof authTime === 'number' ? new Date(Math.min(authTime * 1000, this.#clock())) : undefined,
        acr: typeof acr === 'string' && acr.length <= 500 ? acr : undefined,
        claims: { ...more, ...payload },
      };
    });
  }

  /** Reads a logout token of this issuer. Errors: `bad_request`, `unavailable`. */
  async readLogoutToken(token: string): Promise<EndedAtIssuer> {
    const client = await this.#client();
    try {
      const { payload, protectedHeader } = await this.#verify(client, token, { maxTokenAge: ID_TOKEN_MAX_AGE_SECONDS });
      return readLogoutToken(payload, protectedHeader);
    } catch (cause) {
      if (cause instanceof jose.JOSEError) throw new AppError('bad_request', { cause });
      if (cause instanceof AppError) throw cause;
      throw new AppError('unavailable', { cause });
    }
  }

  /** Where the browser goes to end the issuer's own session (RP-Initiated Logout 1.0); absent where it has none. */
  async endSessionUrl(): Promise<string | undefined> {
    const client = await this.#client();
    if (client.serverMetadata().end_session_endpoint === undefined) return undefined;
    return oidc.buildEndSessionUrl(client, { post_logout_redirect_uri: this.#homeUrl }).href;
  }

  #verify(
    client: oidc.Configuration,
    token: string,
    rules: { maxTokenAge: number; requiredClaims?: string[] },
  ): ReturnType<IssuerKeys['verify']> {
    const { jwks_uri: keysUrl, issuer, id_token_signing_alg_values_supported: offered } = client.serverMetadata();
    if (keysUrl === undefined) throw new AppError('sign_in_failed');
    const algorithms = SIGNATURE_ALGORITHMS.filter((algorithm) => (offered ?? ['RS256']).includes(algorithm));
    return this.#keys.verify(token, keysUrl, {
      ...rules,
      issuer,
      audience: this.config.clientId,
      algorithms,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    });
  }

  /** The library's view of the issuer, by this program's clock. */
  async #client(): Promise<oidc.Configuration> {
    const metadata = await this.#discover();
    const { issuer, clientId, clientSecret, clientAuthentication } = this.config;
    const authenticate = clientAuthentication === 'client_secret_post' ? oidc.ClientSecretPost : oidc.ClientSecretBasic;
    const client = new oidc.Configuration(
      metadata,
      clientId,
      { [oidc.clockSkew]: Math.round((this.#clock() - Date.now()) / 1000) },
      clientSecret === undefined ? oidc.None() : authenticate(clientSecret),
    );
    client.timeout = TIMEOUT_SECONDS;
    if (issuer.startsWith('http:')) oidc.allowInsecureRequests(client);
    return client;
  }

  /** Several who ask at once share one discovery; one that failed is tried again by the next. */
  #discover(): Promise<oidc.ServerMetadata> {
    const known = this.#metadata;
    if (known !== undefined && this.#clock() - known.askedAt < METADATA_LIFE_MS) return known.value;
    const value = this.#ask(async () => {
      const { issuer, clientId } = this.config;
      const url = new URL(issuer);
      const execute = url.protocol === 'http:' ? [oidc.allowInsecureRequests] : [];
      const found = await oidc.discovery(url, clientId, undefined, oidc.None(), { execute, timeout: TIMEOUT_SECONDS });
      return found.serverMetadata();
    });
    const asked = { value, askedAt: this.#clock() };
    this.#metadata = asked;
    value.catch(() => {
      if (this.#metadata === asked) this.#metadata = undefined;
    });
    return value;
  }

  async #ask<Result>(question: () => Promise<Result>): Promise<Result> {
    try {
      return await question();
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      throw new AppError(isUnreachable(cause) ? 'unavailable' : 'sign_in_failed', { cause });
    }
  }
}

/** fetch fails with a TypeError, a time-out with its own code; an answer of 5xx is no better. */
const isUnreachable = (error: unknown): boolean => {
  if (error instanceof TypeError) return true;
  if (error instanceof DOMException && error.name === 'TimeoutError') return true;
  if (!(error instanceof oidc.ClientError)) return false;
  if (error.code === 'OAUTH_TIMEOUT') return true;
  const answer: unknown = error.cause;
  return answer instanceof TypeError || (answer instanceof Response && answer.status >= 500);
};
