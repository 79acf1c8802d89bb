import { type AccountRole, DESK_ROLES, type ErrorCode, type OrganizationId, type PersonId } from '@bedside/protocol';

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

/** A provider, as far as the question who may see and change their calendar goes. */
export interface ProviderResource {
  readonly organizationId: OrganizationId;
  readonly providerId: PersonId;
}

/** What each action asks of a person's account. A route names its action, or does not start. */
const ACCOUNT_ACTIONS = {
  'me.read': ['patient', 'provider', 'front-desk', 'admin'],
  'directory.read': ['patient', 'provider', 'front-desk', 'admin', 'service'],
  'slots.read': ['patient', 'provider', 'front-desk', 'admin', 'service'],
  'appointments.list': ['patient'],
  'appointment.read': ['patient', 'provider', ...DESK_ROLES],
  'appointment.book': ['patient', ...DESK_ROLES],
  'appointment.cancel': ['patient', 'provider', ...DESK_ROLES],
  'appointment.reschedule': ['patient', 'provider', ...DESK_ROLES],
  'appointment.noShow': ['provider', ...DESK_ROLES],
  'hold.make': ['patient', ...DESK_ROLES],
  'hold.read': ['patient', ...DESK_ROLES],
  'hold.change': ['patient', ...DESK_ROLES],
  'series.book': ['provider', ...DESK_ROLES],
  'group.create': ['provider', ...DESK_ROLES],
  'availability.read': ['provider', ...DESK_ROLES],
  'availability.write': ['provider', ...DESK_ROLES],
  'calendar.read': ['provider', ...DESK_ROLES],
  'patients.search': DESK_ROLES,
  'rules.read': DESK_ROLES,
  'rules.write': ['admin'],
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
  'feeds.read': ['patient', 'provider'],
  'feeds.write': ['patient', 'provider'],
  'waitlist.read': ['patient', ...DESK_ROLES],
  'waitlist.write': ['patient', ...DESK_ROLES],
  'record.access': ['patient'],
  'audit.read': ['admin', 'service'],
  'machines.manage': ['admin'],
  'record.export': ['patient', 'admin'],
  'correction.read': ['patient', 'admin', 'compliance'],
  'correction.ask': ['patient'],
  'correction.withdraw': ['patient'],
  'correction.disagree': ['patient'],
  'correction.decide': ['admin', 'compliance'],
  'agreement.read': ['admin', 'compliance'],
  'agreement.write': ['admin', 'compliance'],
  'access-review.read': ['admin', 'compliance'],
} as const satisfies Record<string, readonly AccountRole[]>;

export type Action = keyof typeof ACCOUNT_ACTIONS;
/** Whether a machine may be given the action. */
export const isForMachines = (name: string): boolean =>
  Object.hasOwn(ACCOUNT_ACTIONS, name) &&
  (ACCOUNT_ACTIONS[name as Action] as readonly AccountRole[]).includes('service');
export const ACTIONS = Object.keys(ACCOUNT_ACTIONS) as readonly Action[];

/** Actions on a visit that only its host may do, whoever else belongs to it. */
const HOST_ACTIONS: ReadonlySet<Action> = new Set([
  'encounter.admit',
  'encounter.sendBack',
  'encounter.mute',
  'encounter.end',
  'appointment.noShow',
]);

/** Actions on a visit that whoever keeps the organization's calendars may do without belonging to it. */
const DESK_ACTIONS: ReadonlySet<Action> = new Set([
  'appointment.read',
  'appointment.cancel',
  'appointment.reschedule',
  'appointment.noShow',
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
  const forTheHouse = DESK_ACTIONS.has(action) && isDesk(who);
  if (!forTheHouse && !visit.memberIds.includes(who.personId)) return denied('not_found', 'not-of-the-visit');
  const byAccount = decideByAccount(who, action);
  if (!byAccount.allowed || forTheHouse) return byAccount;
  if (HOST_ACTIONS.has(action) && visit.providerId !== who.personId) return denied('forbidden', 'not-the-host');
  return allowed;
};

/** Whether this person acts for the whole organization. */
export const isDesk = (who: Who): boolean =>
  who.roles.some((role) => (DESK_ROLES as readonly AccountRole[]).includes(role));

/** Whether this person answers for everybody's records: exports them on request, decides on corrections. */
export const isRecordKeeper = (who: Who): boolean => who.roles.includes('admin') || who.roles.includes('compliance');

/** What somebody who keeps records may not do to their own. */
const NOT_ON_ONES_OWN: ReadonlySet<Action> = new Set(['correction.decide']);

/** Whether this person may do it to a patient's record as a whole: their own as one, or anybody's who keeps records. */
export const decideOnRecord = (who: Who, action: Action, patientId: PersonId): Decision => {
  const byAccount = decideByAccount(who, action);
  if (!byAccount.allowed) return byAccount;
  const isOwn = patientId === who.personId;
  if (isOwn && NOT_ON_ONES_OWN.has(action)) return denied('forbidden', 'own-record');
  if (isOwn && who.roles.includes('patient')) return allowed;
  const asked: readonly AccountRole[] = ACCOUNT_ACTIONS[action];
  const mayForOthers = who.roles.some((role) => role !== 'patient' && asked.includes(role));
  return isRecordKeeper(who) && mayForOthers ? allowed : denied('not_found', 'not-their-own-record');
};

/** Whether this person may act on the calendar of a patient: their own as one, or anybody's for those who keep calendars. */
export const decideOnPatient = (who: Who, action: Action, patientId: PersonId): Decision => {
  const byAccount = decideByAccount(who, action);
  if (!byAccount.allowed) return byAccount;
  if (isDesk(who)) return allowed;
  if (patientId !== who.personId) return denied('not_found', 'not-their-own-calendar');
  return who.roles.includes('patient') ? allowed : denied('forbidden', 'account-role');
};

/** Whether this person may do it to a provider's calendar: their own, or anybody's for those who keep calendars. */
export const decideOnProvider = (who: Who, action: Action, provider: ProviderResource): Decision => {
  if (provider.organizationId !== who.organizationId) return denied('not_found', 'other-organization');
  const byAccount = decideByAccount(who, action);
  if (!byAccount.allowed) return byAccount;
  if (provider.providerId !== who.personId && !isDesk(who)) return denied('not_found', 'not-their-own-calendar');
  return allowed;
};
