import { AppError, type EncounterId, GRANT_CLOCK_TOLERANCE_MS, type GrantId, type PersonId } from '@bedside/protocol';
import type { Caller } from '../caller.ts';
import type { Db } from '../db/database.ts';
import type { Identify } from '../encounters/visit-desk.ts';
import { findGrant, type GrantRow } from './store.ts';

/** Who speaks through signaling: a grant, and what signaling read in it. */
export interface Holder {
  readonly grantId: GrantId;
  readonly encounterId: EncounterId;
  readonly personId: PersonId;
}

/** The grant of a holder, still good. Errors: `forbidden` (not their grant), `grant_revoked`. */
export const judgeHolder = async (db: Db, holder: Holder): Promise<GrantRow> => {
  const grant = await findGrant(db, holder.grantId);
  if (grant === undefined || grant.encounterId !== holder.encounterId || grant.personId !== holder.personId)
    throw new AppError('forbidden');
  // An account that was closed takes its grants with it.
  if (grant.revokedAt !== null || !grant.isActive) throw new AppError('grant_revoked');
  return grant;
};

export const callerOf = (grant: GrantRow): Caller => ({
  who: { personId: grant.personId, organizationId: grant.organizationId, roles: grant.accountRoles },
  sessionHash: grant.sessionHash,
  address: undefined,
  requestId: undefined,
});

/**
 * Identifies a holder for an act in the visit. `late`: taken even when the grant was not renewed in time, for what only
 * tells that somebody is gone. Errors: those of `judgeHolder`, `grant_expired`.
 */
export const holderOf =
  (holder: Holder, options: { readonly late?: boolean } = {}): Identify =>
  async (db, now) => {
    const grant = await judgeHolder(db, holder);
    if (grant.redeemedAt === null) throw new AppError('forbidden');
    if (options.late !== true && now.getTime() > grant.expiresAt.getTime() + GRANT_CLOCK_TOLERANCE_MS)
      throw new AppError('grant_expired');
    return callerOf(grant);
  };
