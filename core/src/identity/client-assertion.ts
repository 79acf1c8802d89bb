import type { ServicePublicKey } from '@bedside/protocol';
import { decodeJwt, errors, importJWK, type JWTPayload, jwtVerify } from 'jose';

/** How long an assertion may be good for; its id is remembered as long. */
export const ASSERTION_MAX_AGE_SECONDS = 300;
const CLOCK_TOLERANCE_SECONDS = 30;
const MAX_LENGTH = 4_000;

/** Whose assertion it says it is, unchecked. */
export const claimedClient = (assertion: string): string | undefined => {
  if (assertion.length > MAX_LENGTH) return undefined;
  try {
    return decodeJwt(assertion).sub;
  } catch {
    return undefined;
  }
};

/** The algorithm is the key's own, never the token's to choose. */
const algorithmsOf = (key: ServicePublicKey): string[] => (key.kty === 'OKP' ? ['EdDSA', 'Ed25519'] : ['ES256']);

/**
 * Checks an assertion with which a machine proves that it holds its key (RFC 7523 §3, OpenID Connect Core §9): made by
 * it, for this token endpoint and nobody else, minutes old, with an id. Answers the id; undefined for what is refused.
 */
export const checkAssertion = async (
  assertion: string,
  expected: {
    readonly clientId: string;
    readonly key: ServicePublicKey;
    readonly audiences: string[];
    readonly now: Date;
  },
): Promise<{ readonly id: string } | undefined> => {
  const [algorithm = ''] = algorithmsOf(expected.key);
  let payload: JWTPayload;
  try {
    ({ payload } = await jwtVerify(assertion, await importJWK(expected.key, algorithm), {
      algorithms: algorithmsOf(expected.key),
      issuer: expected.clientId,
      subject: expected.clientId,
      audience: expected.audiences,
      requiredClaims: ['exp', 'iat', 'jti'],
      maxTokenAge: ASSERTION_MAX_AGE_SECONDS,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: expected.now,
    }));
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
  const { aud, jti } = payload;
  // One that is made for several could be shown to us by another of them.
  if (typeof aud !== 'string' || typeof jti !== 'string' || jti === '' || jti.length > 200) return undefined;
  return { id: jti };
};
