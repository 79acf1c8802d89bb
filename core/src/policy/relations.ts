import type { AccountRole } from '@bedside/protocol';
import type { Action } from './policy.ts';

/** How somebody has to do with a patient, or with whoever treats them, beside what their account is. */
export const PATIENT_RELATIONS = ['proxy-read', 'proxy-schedule', 'care-team', 'covering', 'break-glass'] as const;
export type PatientRelation = (typeof PATIENT_RELATIONS)[number];

/** `member`: of its people. `patient`: a patient of it. `host`: leads it. `desk`: keeps the organization's calendars, by account alone. */
export type VisitRelation = 'member' | 'patient' | 'host' | 'desk' | PatientRelation;

const READ = ['member', 'host', 'proxy-read', 'care-team', 'covering', 'break-glass'] as const;
const CHANGE = ['patient', 'host', 'proxy-schedule', 'covering', 'desk'] as const;

/**
 * What may be done to a visit by whom: one of these relationships, and the account's role that the action asks for.
 * Break-glass reads and changes nothing. A proxy looks after bookings and the record; into the room go those who are
 * on the visit's list.
 */
export const ON_VISIT = {
  'appointment.read': [...READ, 'proxy-schedule', 'desk'],
  'appointment.cancel': CHANGE,
  'appointment.reschedule': CHANGE,
  'appointment.noShow': ['host', 'covering', 'desk'],
  'encounter.read': READ,
  'encounter.messages': READ,
  'encounter.grant': ['member', 'host'],
  'encounter.chat': ['member', 'host'],
  'encounter.admit': ['host', 'covering'],
  'encounter.sendBack': ['host', 'covering'],
  'encounter.mute': ['host', 'covering'],
  'encounter.end': ['host', 'covering'],
} as const satisfies Partial<Record<Action, readonly VisitRelation[]>>;

/** The account's role without which a relationship is none: a provider who left the house covers nobody any more. */
export const ROLE_OF_RELATION = {
  'proxy-read': 'patient',
  'proxy-schedule': 'patient',
  'care-team': 'provider',
  covering: 'provider',
  'break-glass': 'provider',
} as const satisfies Record<PatientRelation, AccountRole>;

/** What may be done for a patient by whom. */
export const ON_PATIENT = {
  'appointment.book': ['own', 'proxy-schedule', 'desk'],
  // The seat in a session: of many patients there, one's own and no other's.
  'appointment.cancel': ['own', 'proxy-schedule', 'desk'],
  // Whoever works in some of a patient's visits sees those, by each of them.
  'appointments.ofPatient': ['own', 'proxy-read', 'proxy-schedule', 'care-team', 'break-glass', 'desk'],
  'hold.make': ['own', 'proxy-schedule', 'desk'],
  'waitlist.write': ['own', 'proxy-schedule', 'desk'],
  'waitlist.ofPatient': ['own', 'proxy-schedule', 'desk'],
} as const satisfies Partial<Record<Action, readonly ('own' | 'desk' | PatientRelation)[]>>;

export const relationsOnVisit = (action: Action): readonly VisitRelation[] =>
  (ON_VISIT as Partial<Record<Action, readonly VisitRelation[]>>)[action] ?? [];

export const relationsOnPatient = (action: Action): readonly ('own' | 'desk' | PatientRelation)[] =>
  (ON_PATIENT as Partial<Record<Action, readonly ('own' | 'desk' | PatientRelation)[]>>)[action] ?? ['own', 'desk'];
