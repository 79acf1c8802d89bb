import type { EncounterId, OrganizationId, PersonId } from '@bedside/protocol';
import type { Who } from '../policy/policy.ts';

/**
 * What core does without a person who asks. Each is let to what it needs by the policies of migration `0008_walls`, and
 * to nothing else; the table in ADR 0020 says what that is.
 */
export const SYSTEM_PURPOSES = [
  /** Finds out who somebody is: identities, accounts, sessions. */
  'sign-in',
  /** Opens a calendar feed by its secret. */
  'feed',
  /** Acts for the holder of a grant in one visit, which the scope names. */
  'visit',
  /** Judges and places visits that several people book at the same time; `place_visits` holds each against its own row. */
  'booking',
  /** Takes events from the outbox and puts them back. */
  'outbox',
  /** Plans messages to people and sends them. */
  'notifications',
  /** Offers freed times down the waitlist. */
  'waitlist',
  /** Lays days out. */
  'calendar',
  /** Deletes what is over, and finds visits that everybody has left. */
  'sweep',
  /** Seals, publishes and exports the audit trail. */
  'audit',
  /** Counts what is late. */
  'metrics',
  /** Reports who could see what in one organization, and who did. */
  'review',
  /** Seals what stands in the clear yet, wraps keys anew, destroys keys (ADR 0022). */
  'phi',
  /** Set-up by whoever runs Bedside. */
  'set-up',
] as const;
export type SystemPurpose = (typeof SYSTEM_PURPOSES)[number];

/** On whose behalf statements run: what row-level security judges them by. */
export interface Scope {
  readonly purpose: 'person' | SystemPurpose;
  /** Undefined: of all organizations, for a system purpose alone. */
  readonly organizationId: OrganizationId | undefined;
  readonly personId: PersonId | undefined;
  readonly roles: Who['roles'];
  /** The one visit that the purpose `visit` is about. */
  readonly encounterId: EncounterId | undefined;
}

export const personScope = (who: Who): Scope => ({
  purpose: 'person',
  organizationId: who.organizationId,
  personId: who.personId,
  roles: who.roles,
  encounterId: undefined,
});

export const systemScope = (
  purpose: SystemPurpose,
  about: { readonly organizationId?: OrganizationId; readonly encounterId?: EncounterId } = {},
): Scope => ({
  purpose,
  organizationId: about.organizationId,
  personId: undefined,
  roles: [],
  encounterId: about.encounterId,
});

/** The settings of a transaction that carry its scope, in the order of `scopeSettings`. */
const SETTINGS = ['purpose', 'organization', 'person', 'roles', 'at', 'encounter'] as const;

/** Values for `scopeStatement`. `at`: the instant by which dated relationships are judged. */
export const scopeSettings = (scope: Scope, at: Date): string[] => [
  scope.purpose,
  scope.organizationId ?? '',
  scope.personId ?? '',
  `{${scope.roles.join(',')}}`,
  at.toISOString(),
  scope.encounterId ?? '',
];

/** As whom people's statements run: policies for people alone bind it (migration `0014_roles`). */
export const PERSON_ROLE = 'bedside_person';

/** Under whose policies a scope's statements are planned: those of people, or those of purposes. */
export const sideOf = (purpose: Scope['purpose']): 'person' | 'system' => (purpose === 'person' ? 'person' : 'system');

const statement = (purpose: Scope['purpose'], literalOf: (index: number) => string): string => {
  const settings = SETTINGS.map((name, index) => `set_config('bedside.${name}', ${literalOf(index)}, true)`);
  // What nobody asked for stays what the connection is.
  if (sideOf(purpose) === 'person') settings.push(`set_config('role', '${PERSON_ROLE}', true)`);
  return `SELECT ${settings.join(', ')}`;
};

const STATEMENTS = {
  person: statement('person', (index) => `$${index + 1}`),
  system: statement('set-up', (index) => `$${index + 1}`),
};

/** Sets the scope until the transaction ends; its values are `scopeSettings`. */
export const scopeStatement = (purpose: Scope['purpose']): string => STATEMENTS[sideOf(purpose)];

/** The same with its values in it, for a text of several statements. `quote` makes a literal of a string. */
export const scopeStatementOf = (
  purpose: Scope['purpose'],
  settings: readonly string[],
  quote: (text: string) => string,
): string => statement(purpose, (index) => quote(settings[index] ?? ''));
