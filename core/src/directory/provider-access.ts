import type { PersonId } from '@bedside/protocol';
import { AccessDenied, type Caller } from '../caller.ts';
import { type CoreContext, nowOf } from '../context.ts';
import type { Action } from '../policy/policy.ts';
import { findProvider, type ProviderRecord } from './store.ts';

/** The provider whose calendar somebody asks for, if they may. Errors: `not_found`, `forbidden`; both are audited. */
export const requireProvider = async (
  context: CoreContext,
  ask: { readonly caller: Caller; readonly action: Action; readonly providerId: PersonId },
): Promise<ProviderRecord> => {
  const { caller, action, providerId } = ask;
  const { organizationId } = caller.who;
  const decision = context.policy.onProvider(caller.who, action, { organizationId, providerId });
  const provider = decision.allowed
    ? await findProvider(context.database.as(caller).db, { id: providerId, organizationId })
    : undefined;
  if (provider !== undefined) return provider;
  throw new AccessDenied({
    code: decision.allowed ? 'not_found' : decision.code,
    at: nowOf(context),
    caller,
    action,
    reason: decision.allowed ? 'no-such-provider' : decision.reason,
    resource: { type: 'provider', id: providerId },
  });
};
