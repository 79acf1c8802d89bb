import { type AccountRole, DESK_ROLES, type ErrorCode, type OrganizationId, type PersonId } from '@bedside/protocol';
import {
  type PatientRelation,
  ROLE_OF_RELATION,
  relationsOnPatient,
  relationsOnVisit,
  type VisitRelation,
} from './relations.ts';

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
  readonly patientIds: readonly PersonId[];
  /** Of whoever asks, to the visit's patients and its provider; absent: none. */
  readonly relations?: readonly PatientRelation[] | undefined;
}

/** A provider, as far as the question who may see and change their calendar goes. */
export interface ProviderResource {
  readonly organizationId: OrganizationId;
  readonly providerId: PersonId;
}

/** What each action asks of a person's account. A route names its action, or does not start. */
const ACCOUNT_ACTIONS = {
  'me.read': ['patient', 'provider', 'front-desk', 'admin', 'compliance'],
  'directory.read': ['patient', 'provider', 'front-desk', 'admin', 'service'],
  'slots.read': ['patient', 'provider', 'front-desk', 'admin', 'service'],
  'appointments.list': ['patient'],
  'appointments.ofPatient': ['patient', 'provider', ...DESK_ROLES],
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
  'identifiers.read': DESK_ROLES,
  'identifiers.write': DESK_ROLES,
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
  'waitlist.ofPatient': ['patient', ...DESK_ROLES],
  'record.access': ['patient'],
  'audit.read': ['compliance', 'admin'],
  'audit.export': ['compliance', 'admin'],
  'machines.manage': ['admin'],
  'relationships.read': ['patient', 'provider', ...DESK_ROLES, 'compliance'],
  'proxy.write': DESK_ROLES,
  'proxy.end': ['patient', ...DESK_ROLES],
  'careTeam.write': DESK_ROLES,
  'cover.write': ['provider', ...DESK_ROLES],
  'emergency.open': ['provider'],
  'emergency.end': ['provider'],
  'record.export': ['patient', 'admin'],
  'correction.read': ['patient', 'admin', 'compliance'],
  'correction.ask': ['patient'],
  'correction.withdraw': ['patient'],
  'correction.disagree': ['patient'],
  'correction.decide': ['admin', 'compliance'],
  'agreement.read': ['admin', 'compliance'],
  'agreement.write': ['admin', 'compliance'],
  'access-review.read': ['admin', 'compliance'],
  'access-review.sign': ['admin', 'compliance'],
} as const satisfies Record<string, readonly AccountRole[]>;

export type Action = keyof typeof ACCOUNT_ACTIONS;
/** Whether a machine may be given the action. */
export const isForMachines = (name: string): boolean =>
  Object.hasOwn(ACCOUNT_ACTIONS, name) &&
  (ACCOUNT_ACTIONS[name as Action] as readonly AccountRole[]).includes('service');
export const ACTIONS = Object.keys(ACCOUNT_ACTIONS) as readonly Action[];

/** What an account with this role may do at all. */
export const actionsOf = (role: AccountRole): readonly Action[] =>
  ACTIONS.filter((action) => (ACCOUNT_ACTIONS[action] as readonly AccountRole[]).includes(role));

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

/** Relationships that the account's roles bear. */
const ofAccount = (who: Who, relations: readonly PatientRelation[]): readonly PatientRelation[] =>
  relations.filter((relation) => who.roles.includes(ROLE_OF_RELATION[relation]));

/**
 * Whether this person may do it to this visit. What they may not see is `not_found` (SPEC API4); what they see and may
 * not do is `forbidden`. An account's role alone opens nobody's visit: one has to belong to it or have to do with its
 * patient.
 */
export const decideOnVisit = (who: Who, action: Action, visit: VisitResource): Decision => {
  if (visit.organizationId !== who.organizationId) return denied('not_found', 'other-organization');
  const wanted = relationsOnVisit(action);
  const forTheHouse = wanted.includes('desk') && isDesk(who);
  const isMember = visit.memberIds.includes(who.personId);
  const relations = ofAccount(who, visit.relations ?? []);
  if (!forTheHouse && !isMember && relations.length === 0) return denied('not_found', 'not-of-the-visit');
  const byAccount = decideByAccount(who, action);
  if (!byAccount.allowed || forTheHouse) return byAccount;
  const isHost = isMember && visit.providerId === who.personId && who.roles.includes('provider');
  const isPatient = isMember && visit.patientIds.includes(who.personId) && who.roles.includes('patient');
  const has = (relation: VisitRelation): boolean =>
    (relation === 'member' && isMember) ||
    (relation === 'patient' && isPatient) ||
    (relation === 'host' && isHost) ||
    relations.some((one) => one === relation);
  if (wanted.some(has)) return allowed;
  return denied('forbidden', isMember ? 'not-the-host' : 'not-by-this-relationship');
};

/** Whether this person acts for the whole organization. */
export const isDesk = (who: Who): boolean =>
  who.roles.some((role) => (DESK_ROLES as readonly AccountRole[]).includes(role));

/** Whether this person answers for everybody's records: exports them on request, decides on corrections. */
export const isRecordKeeper = (who: Who): boolean => who.roles.includes('admin') || who.roles.includes('compliance');

/** What somebody who keeps records may not do to their own. */
const NOT_ON_ONES_OWN: ReadonlySet<Action> = new Set(['correction.decide']);

/** What a proxy may do for whose record they may read. */
const BY_PROXY: ReadonlySet<Action> = new Set([
  'record.export',
  'correction.read',
  'correction.ask',
  'correction.withdraw',
  'correction.disagree',
]);

/**
 * Whether this person may do it to a patient's record as a whole: to their own as one, as the patient's proxy, or to
 * anybody's who keeps records.
 */
export const decideOnRecord = (
  who: Who,
  action: Action,
  patientId: PersonId,
  relations: readonly PatientRelation[] = [],
): Decision => {
  const byAccount = decideByAccount(who, action);
  if (!byAccount.allowed) return byAccount;
  const isOwn = patientId === who.personId;
  if (isOwn && NOT_ON_ONES_OWN.has(action)) return denied('forbidden', 'own-record');
  if (isOwn && who.roles.includes('patient')) return allowed;
  if (BY_PROXY.has(action) && relations.includes('proxy-read')) return allowed;
  const asked: readonly AccountRole[] = ACCOUNT_ACTIONS[action];
  const mayForOthers = who.roles.some((role) => role !== 'patient' && asked.includes(role));
  return isRecordKeeper(who) && mayForOthers ? allowed : denied('not_found', 'not-their-own-record');
};

/** Whether this person may act on the calendar of a patient: their own as one, or by a relationship, or as the desk. */
export const decideOnPatient = (
  who: Who,
  action: Action,
  patientId: PersonId,
  relations: readonly PatientRelation[] = [],
): Decision => {
  const byAccount = decideByAccount(who, action);
  if (!byAccount.allowed) return byAccount;
  const wanted = relationsOnPatient(action);
  if (isDesk(who) && wanted.includes('desk')) return allowed;
  if (ofAccount(who, relations).some((relation) => wanted.includes(relation))) return allowed;
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

/** The application's wall, as services ask it. */
export interface Policy {
  readonly byAccount: typeof decideByAccount;
  readonly onVisit: typeof decideOnVisit;
  readonly onPatient: typeof decideOnPatient;
  readonly onProvider: typeof decideOnProvider;
  readonly onRecord: typeof decideOnRecord;
}

export const POLICY: Policy = {
  byAccount: decideByAccount,
  onVisit: decideOnVisit,
  onPatient: decideOnPatient,
  onProvider: decideOnProvider,
  onRecord: decideOnRecord,
};
