import type { AccountRole, ErrorCode, OrganizationId, PersonId } from '@bedside/protocol';

/** Who asks, whichever way they came in. */
export interface Who {
  readonly personId: PersonId;
  readonly organizationId: OrganizationId;
  readonly roles: readonly AccountRole[];
}

/** A visit, as far as the question who may see it goes. */
export interface VisitResource {
  readonly organizationId: OrganizationId;
  readonly providerId: PersonId;
  /** Everybody who belongs to the visit, patient and provider among them. */
  readonly memberIds: readonly PersonId[];
}

/** What each action asks of a person's account. A route names its action, or does not start. */
const ACCOUNT_ACTIONS = {
  'me.read': ['patient', 'provider', 'admin'],
  'directory.read': ['patient', 'provider', 'admin'],
  'slots.read': ['patient', 'provider', 'admin'],
  'appointments.list': ['patient'],
  'appointment.book': ['patient'],
  'appointment.cancel': ['patient', 'provider'],
  'availability.read': ['provider'],
  'availability.write': ['provider'],
  'day.read': ['provider'],
  'encounter.read': ['patient', 'provider'],
  'encounter.messages': ['patient', 'provider'],
  'encounter.grant': ['patient', 'provider'],
  'encounter.chat': ['patient', 'provider'],
  'encounter.admit': ['provider'],
  'encounter.sendBack': ['provider'],
  'encounter.mute': ['provider'],
  'encounter.end': ['provider'],
  'grant.revoke': ['patient', 'provider'],
  'record.access': ['patient'],
  'audit.read': ['admin'],
} as const satisfies Record<string, readonly AccountRole[]>;

export type Action = keyof typeof ACCOUNT_ACTIONS;
export const ACTIONS = Object.keys(ACCOUNT_ACTIONS) as readonly Action[];

/** Actions on a visit that only its host may do, whoever else belongs to it. */
const HOST_ACTIONS: ReadonlySet<Action> = new Set([
  'encounter.admit',
  'encounter.sendBack',
  'encounter.mute',
  'encounter.end',
]);

export type Decision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly code: Extract<ErrorCode, 'forbidden' | 'not_found'>; readonly reason: string };

const allowed: Decision = { allowed: true };
const denied = (code: 'forbidden' | 'not_found', reason: string): Decision => ({ allowed: false, code, reason });

/** Whether this account may do such a thing at all. */
export const decideByAccount = (who: Who, action: Action): Decision => {
  const wanted: readonly AccountRole[] = ACCOUNT_ACTIONS[action];
  return who.roles.some((role) => wanted.includes(role)) ? allowed : denied('forbidden', 'account-role');
};

/**
 * Whether this person may do it to this visit. What they may not see is `not_found` (SPEC API4); what they see and may
 * not do is `forbidden`. An account's role alone opens nobody's visit: one has to belong to it.
 */
export const decideOnVisit = (who: Who, action: Action, visit: VisitResource): Decision => {
  if (visit.organizationId !== who.organizationId) return denied('not_found', 'other-organization');
  if (!visit.memberIds.includes(who.personId)) return denied('not_found', 'not-of-the-visit');
  const byAccount = decideByAccount(who, action);
  if (!byAccount.allowed) return byAccount;
  if (HOST_ACTIONS.has(action) && visit.providerId !== who.personId) return denied('forbidden', 'not-the-host');
  return allowed;
};
