import { AppError } from '@bedside/protocol';
import type { JWTHeaderParameters, JWTPayload } from 'jose';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** What an issuer says has ended: one of its sessions, or all of a person's. */
export interface EndedAtIssuer {
  readonly issuer: string;
  readonly subject: string | undefined;
  readonly issuerSession: string | undefined;
  /** The token is good once. */
  readonly tokenId: string;
}

/**
 * The rules of OpenID Connect Back-Channel Logout 1.0 §2.6 that are left once signature, issuer, audience and times are
 * checked. A `nonce` would make it an ID token (§2.4), which must not pass for this. Errors: `bad_request`.
 */
export const readLogoutToken = (payload: JWTPayload, header: JWTHeaderParameters): EndedAtIssuer => {
  const { iss, sub, sid, jti, iat, exp, events } = payload;
  const type = header.typ?.toLowerCase().replace(/^application\//, '');
  const isEvent =
    typeof events === 'object' && events !== null && typeof (events as Record<string, unknown>)[EVENT] === 'object';
  const session = typeof sid === 'string' && sid !== '' ? sid : undefined;
  if (
    (type !== undefined && type !== 'logout+jwt' && type !== 'jwt') ||
    !isEvent ||
    'nonce' in payload ||
    iss === undefined ||
    iat === undefined ||
    exp === undefined ||
    typeof jti !== 'string' ||
    jti === '' ||
    (sub === undefined && session === undefined)
  )
    throw new AppError('bad_request', { detail: 'logout_token: is no logout token of this issuer.' });
  return { issuer: iss, subject: sub, issuerSession: session, tokenId: jti };
};
