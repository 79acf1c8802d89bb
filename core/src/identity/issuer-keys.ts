import {
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyOptions,
  type JWTVerifyResult,
  jwtVerify,
} from 'jose';

/** Asymmetric signatures only (RFC 8725 §3.1): `none` and HMAC with a public key as its secret are no signatures. */
export const SIGNATURE_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 262_144;
/** A key that the issuer took back is believed for this long at the most. */
const KEYS_LIFE_MS = 10 * 60_000;
/** Tokens with a key nobody knows make us ask the issuer this often at the most. */
const REFETCH_PAUSE_MS = 30_000;

interface KeySet {
  readonly resolve: ReturnType<typeof createLocalJWKSet>;
  readonly fetchedAt: number;
}

const fetchKeys = async (url: string): Promise<JSONWebKeySet> => {
  const response = await fetch(url, {
    redirect: 'error',
    headers: { accept: 'application/jwk-set+json, application/json' },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok || response.body === null) throw new TypeError(`the key set answered ${response.status}`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new TypeError('the key set is too large');
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString()) as JSONWebKeySet;
};

/**
 * The public keys of an issuer (RFC 7517), fetched when they are first needed, every ten minutes, and when a token
 * names one that is not among them: issuers change their keys when they like.
 */
export class IssuerKeys {
  readonly #clock: () => number;
  #keys: KeySet | undefined;
  #fetching: Promise<KeySet> | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Rejects with errors of jose for a token that is refused, with others when the keys cannot be had. */
  async verify(
    token: string,
    url: string,
    options: Omit<JWTVerifyOptions, 'currentDate'>,
  ): Promise<JWTVerifyResult<JWTPayload>> {
    const verifyWith = (keys: KeySet) =>
      jwtVerify(token, keys.resolve, { ...options, currentDate: new Date(this.#clock()) });
    const known = this.#keys;
    const keys = known !== undefined && this.#since(known.fetchedAt) < KEYS_LIFE_MS ? known : await this.#fetch(url);
    try {
      return await verifyWith(keys);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || this.#since(this.#askedAt) < REFETCH_PAUSE_MS) throw error;
      return verifyWith(await this.#fetch(url));
    }
  }

  #since(at: number): number {
    return this.#clock() - at;
  }

  /** Several who ask at once share one request. */
  #fetch(url: string): Promise<KeySet> {
    this.#fetching ??= this.#ask(url).finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #ask(url: string): Promise<KeySet> {
    const fetchedAt = this.#clock();
    this.#askedAt = fetchedAt;
    this.#keys = { resolve: createLocalJWKSet(await fetchKeys(url)), fetchedAt };
    return this.#keys;
  }
}
