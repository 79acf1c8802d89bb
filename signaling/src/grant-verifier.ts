import type { Clock } from '@bedside/kit';
import {
  AppError,
  type EncounterId,
  type ErrorCode,
  GRANT_ALGORITHM,
  GRANT_CLOCK_TOLERANCE_MS,
  GRANT_MAX_LIFE_MS,
  GRANT_TYPE,
  GrantClaims,
} from '@bedside/protocol';
import { type CryptoKey, compactVerify, decodeProtectedHeader, errors, type ProtectedHeaderParameters } from 'jose';
import type { KeySet } from './key-set.ts';

type Judgement = { readonly claims: GrantClaims } | { readonly finding: ErrorCode };

const MAX_LIFE_SECONDS = GRANT_MAX_LIFE_MS / 1_000;
const TOLERANCE_SECONDS = GRANT_CLOCK_TOLERANCE_MS / 1_000;

const refuse = (code: ErrorCode): never => {
  throw new AppError(code);
};

const headerOf = (grant: string): ProtectedHeaderParameters => {
  if (grant.split('.').length !== 3) return refuse('grant_malformed');
  try {
    return decodeProtectedHeader(grant);
  } catch {
    return refuse('grant_malformed');
  }
};

const parseClaims = (payload: Uint8Array): GrantClaims | undefined => {
  try {
    return GrantClaims.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload)));
  } catch {
    return undefined;
  }
};

/** What is judged of a payload whose signature is good (SPEC GR3, from the claims on). */
export const judgeClaims = (
  payload: Uint8Array,
  expected: { issuer: string; encounterId: EncounterId; sessionHashes: readonly string[]; now: number },
): Judgement => {
  const claims = parseClaims(payload);
  const nowSeconds = expected.now / 1_000;
  if (claims === undefined || claims.iss !== expected.issuer) return { finding: 'grant_claims' };
  const lifeSeconds = claims.exp - Math.min(claims.iat, claims.nbf);
  if (lifeSeconds <= 0 || lifeSeconds > MAX_LIFE_SECONDS) return { finding: 'grant_claims' };
  if (claims.nbf > nowSeconds + TOLERANCE_SECONDS) return { finding: 'grant_not_yet_valid' };
  if (claims.exp <= nowSeconds - TOLERANCE_SECONDS) return { finding: 'grant_expired' };
  if (claims.enc !== expected.encounterId) return { finding: 'grant_wrong_visit' };
  if (!expected.sessionHashes.includes(claims.sid)) return { finding: 'grant_wrong_person' };
  return { claims };
};

/** Verifies room grants (RFC 7515, RFC 8037) by core's key set, in the order of SPEC GR3. */
export class GrantVerifier {
  readonly #keys: KeySet;
  readonly #issuer: string;
  readonly #clock: Clock;

  constructor(options: { keys: KeySet; issuer: string; clock: Clock }) {
    this.#keys = options.keys;
    this.#issuer = options.issuer;
    this.#clock = options.clock;
  }

  /**
   * Throws the first finding: a `grant_…` code, or `unavailable` when the key set cannot be had.
   * `sessionHashes` are those of the browser that opened the socket.
   */
  async verify(
    grant: string,
    expected: { encounterId: EncounterId; sessionHashes: readonly string[] },
  ): Promise<GrantClaims> {
    const header = headerOf(grant);
    if (header.alg !== GRANT_ALGORITHM) refuse('grant_algorithm');
    if (header.typ !== GRANT_TYPE) refuse('grant_claims');
    // Critical extensions (RFC 7515 §4.1.11) are none of ours.
    if (header.crit !== undefined) refuse('grant_malformed');
    const key = await this.#keys.find(header.kid);
    const payload = await this.#payload(grant, key);
    const judgement = judgeClaims(payload, { ...expected, issuer: this.#issuer, now: this.#clock() });
    return 'claims' in judgement ? judgement.claims : refuse(judgement.finding);
  }

  async #payload(grant: string, key: CryptoKey): Promise<Uint8Array> {
    try {
      return (await compactVerify(grant, key, { algorithms: [GRANT_ALGORITHM] })).payload;
    } catch (error) {
      throw new AppError(error instanceof errors.JWSInvalid ? 'grant_malformed' : 'grant_signature', { cause: error });
    }
  }
}
