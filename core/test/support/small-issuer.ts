import { createHash, type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

export interface SigningPair {
  readonly kid: string;
  readonly algorithm: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

export const newPair = async (algorithm: string): Promise<SigningPair> => {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const kid = randomUUID();
  return {
    kid,
    algorithm,
    privateKey,
    publicJwk: { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' },
  };
};

export const sign = (claims: JWTPayload, pair: SigningPair, header: Record<string, unknown> = {}): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: pair.algorithm, kid: pair.kid, ...header }).sign(pair.privateKey);

/** A token signed with an HMAC key, as those who mistake a public key for a secret would take it. */
export const signSymmetric = (claims: JWTPayload, secret: Uint8Array | KeyObject, kid: string): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid }).sign(secret);

export const unsigned = (claims: JWTPayload, header: Record<string, unknown> = {}): string => {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', ...header })}.${part(claims)}.`;
};

/** A code that was given out, and what it was given for. */
interface Code {
  readonly challenge: string;
  readonly nonce: string;
  readonly maxAge: string | null;
  readonly acrValues: string | null;
}

/**
 * An issuer of another shape than a certified one: a path in its name, everything in the ID token, no userinfo, no
 * logout page, `client_secret_post`, and a mind of its own: a test can have it say whatever it wants.
 */
export class SmallIssuer implements AsyncDisposable {
  readonly url: string;
  readonly clientId = 'bedside-small';
  readonly clientSecret = 'nobodys-secret-at-all';
  /** Who signs in next, and what is said of them. */
  subject = 'pat';
  claims: JWTPayload = {};
  /** Changes what an ID token says. `undefined` leaves a claim out. */
  edit: (claims: JWTPayload) => JWTPayload = (claims) => claims;
  /** Makes the token in place of the issuer. */
  forge: ((claims: JWTPayload) => string | Promise<string>) | undefined;
  /** The `iss` of the authorization response (RFC 9207); `undefined`: it sends none. */
  responseIssuer: string | undefined;
  keys: SigningPair[];
  keyRequests = 0;
  /** What the last browser was sent with. */
  asked = new URLSearchParams();
  readonly #clock: () => number;
  readonly #server: Server;
  readonly #codes = new Map<string, Code>();
  readonly #algorithms: readonly string[];

  private constructor(options: {
    server: Server;
    keys: SigningPair[];
    clock: () => number;
    url: string;
    algorithms: readonly string[];
  }) {
    this.#server = options.server;
    this.keys = options.keys;
    this.#clock = options.clock;
    this.url = options.url;
    this.responseIssuer = options.url;
    this.#algorithms = options.algorithms;
  }

  /** `clock`: the one that the relying party goes by. */
  static async start(options: {
    clock: () => number;
    algorithm?: string;
    /** Offered in its metadata; absent: its own. */
    offers?: readonly string[];
  }): Promise<SmallIssuer> {
    const { clock, algorithm = 'ES256' } = options;
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const issuer = new SmallIssuer({
      server,
      keys: [await newPair(algorithm)],
      clock,
      url: `http://127.0.0.1:${port}/realms/small`,
      algorithms: options.offers ?? [algorithm],
    });
    server.on('request', (request, response) => void issuer.#answer(request, response));
    return issuer;
  }

  get key(): SigningPair {
    const [key] = this.keys;
    if (key === undefined) throw new Error('the issuer has no key');
    return key;
  }

  nowSeconds(): number {
    return Math.floor(this.#clock() / 1000);
  }

  /** A good logout token, but for what is changed. */
  logoutToken(
    change: Record<string, unknown> = {},
    pair = this.key,
    header: Record<string, unknown> = { typ: 'logout+jwt' },
  ) {
    const now = this.nowSeconds();
    return sign(
      {
        iss: this.url,
        aud: this.clientId,
        iat: now,
        exp: now + 120,
        jti: randomUUID(),
        events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
        ...change,
      },
      pair,
      header,
    );
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const send = (value: unknown, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    const { pathname } = new URL(this.url);
    if (url.pathname === `${pathname}/.well-known/openid-configuration`) return void send(this.#metadata());
    if (url.pathname === `${pathname}/keys`) {
      this.keyRequests += 1;
      return void send({ keys: this.keys.map((key) => key.publicJwk) });
    }
    if (url.pathname === `${pathname}/authorize`) return this.#authorize(url.searchParams, response);
    if (url.pathname === `${pathname}/token`) {
      const form = new URLSearchParams(await text(request));
      const token = await this.#token(form);
      return void (token === undefined ? send({ error: 'invalid_grant' }, 400) : send(token));
    }
    response.writeHead(404).end();
  }

  #metadata() {
    return {
      issuer: this.url,
      authorization_endpoint: `${this.url}/authorize`,
      token_endpoint: `${this.url}/token`,
      jwks_uri: `${this.url}/keys`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: this.#algorithms,
      token_endpoint_auth_methods_supported: ['client_secret_post'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      backchannel_logout_supported: true,
    };
  }

  #authorize(query: URLSearchParams, response: ServerResponse): void {
    this.asked = query;
    const code = randomBytes(16).toString('hex');
    this.#codes.set(code, {
      challenge: query.get('code_challenge') ?? '',
      nonce: query.get('nonce') ?? '',
      maxAge: query.get('max_age'),
      acrValues: query.get('acr_values'),
    });
    const back = new URL(query.get('redirect_uri') ?? '');
    back.searchParams.set('code', code);
    back.searchParams.set('state', query.get('state') ?? '');
    if (this.responseIssuer !== undefined) back.searchParams.set('iss', this.responseIssuer);
    response.writeHead(302, { location: back.href }).end();
  }

  async #token(form: URLSearchParams): Promise<Record<string, unknown> | undefined> {
    const code = this.#codes.get(form.get('code') ?? '');
    this.#codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const isClient = form.get('client_id') === this.clientId && form.get('client_secret') === this.clientSecret;
    if (code === undefined || !isClient || code.challenge !== challenge) return undefined;
    const now = this.nowSeconds();
    const [acr] = (code.acrValues ?? '').split(' ').filter((value) => value !== '');
    const claims = this.edit({
      iss: this.url,
      aud: this.clientId,
      sub: this.subject,
      nonce: code.nonce,
      iat: now,
      exp: now + 60,
      ...(code.maxAge === null ? {} : { auth_time: now }),
      ...(acr === undefined ? {} : { acr }),
      ...this.claims,
    });
    const idToken = this.forge === undefined ? await sign(claims, this.key) : await this.forge(claims);
    return { access_token: randomBytes(16).toString('hex'), token_type: 'Bearer', expires_in: 60, id_token: idToken };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
