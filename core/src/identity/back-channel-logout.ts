import { AppError } from '@bedside/protocol';
import type { Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import { sha256 } from '../secrets.ts';
import { rememberEnd } from './ended-at-issuer.ts';
import type { Issuers } from './issuers.ts';
import type { Origin, Sessions } from './sessions.ts';
import { spend } from './store.ts';

/** As long as a token's age is taken at all, and the tolerance for clocks. */
const KEPT_MS = 11 * 60_000;

/**
 * An issuer says that somebody's session with it is over (OpenID Connect Back-Channel Logout 1.0): those that came of
 * it end here, and sign-ins that were begun before this come to nothing. Answers which sessions. Errors: `bad_request` for what is no good logout token or was used before, `not_found`
 * for an unknown issuer, `unavailable`.
 */
export const endFromBackChannel = async (
  deps: { readonly context: CoreContext; readonly issuers: Issuers; readonly sessions: Sessions },
  message: { readonly issuerId: string; readonly token: string; readonly origin: Origin },
): Promise<Caller[]> => {
  const issuer = deps.issuers.byId(message.issuerId);
  if (issuer === undefined) throw new AppError('not_found');
  const ended = await issuer.readLogoutToken(message.token);
  const now = nowOf(deps.context);
  return deps.context.database.asSystem('sign-in').transaction(async (tx) => {
    const isFirst = await spend(tx.db, {
      presenter: `logout:${ended.issuer}`,
      idHash: sha256(ended.tokenId),
      now,
      until: new Date(now.getTime() + KEPT_MS),
    });
    if (!isFirst) throw new AppError('bad_request', { detail: 'logout_token: was used before.' });
    await rememberEnd(tx, ended, now);
    return deps.sessions.endFromIssuer(tx, ended, message.origin);
  });
};
