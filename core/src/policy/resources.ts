import type { Action } from './policy.ts';

/**
 * What an action is about, and so which question the policy is asked beyond the account's role. `reference`: what
 * everybody of the organization may know, and what its administrators set. `own`: what belongs to whoever asks.
 * `list`: of others, as many as whoever asks may know of.
 */
export type ResourceKind = 'reference' | 'own' | 'list' | 'patient' | 'provider' | 'visit';

/** An action without a resource does not compile; the matrix of all cells is generated from this. */
export const ACTION_RESOURCES = {
  'me.read': 'own',
  'directory.read': 'reference',
  'slots.read': 'reference',
  'appointments.list': 'own',
  'appointment.read': 'visit',
  'appointment.book': 'patient',
  'appointment.cancel': 'visit',
  'appointment.reschedule': 'visit',
  'appointment.noShow': 'visit',
  'hold.make': 'patient',
  'hold.read': 'own',
  'hold.change': 'own',
  'series.book': 'provider',
  'group.create': 'provider',
  'availability.read': 'provider',
  'availability.write': 'provider',
  'calendar.read': 'provider',
  'patients.search': 'list',
  'rules.read': 'reference',
  'rules.write': 'reference',
  'day.read': 'own',
  'encounter.read': 'visit',
  'encounter.messages': 'visit',
  'encounter.grant': 'visit',
  'encounter.chat': 'visit',
  'encounter.admit': 'visit',
  'encounter.sendBack': 'visit',
  'encounter.mute': 'visit',
  'encounter.end': 'visit',
  'grant.revoke': 'own',
  'feeds.read': 'own',
  'feeds.write': 'own',
  'waitlist.read': 'list',
  'waitlist.write': 'patient',
  'relationships.read': 'list',
  'proxy.write': 'list',
  'proxy.end': 'own',
  'careTeam.write': 'list',
  'cover.write': 'provider',
  'emergency.open': 'list',
  'emergency.end': 'own',
  'record.access': 'own',
  'audit.read': 'list',
} as const satisfies Record<Action, ResourceKind>;
