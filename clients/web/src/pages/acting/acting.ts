/** For whom the pages of a patient are: whoever is signed in, or somebody for whom they act. */
import type { PersonId, PersonSummary, ProxyScope, Relationships } from '@bedside/protocol';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { BOOK, FOR, forPath, HOME, movePath, offerPath } from '../../routes.ts';

/** Somebody for whom the person who is signed in acts now, and what they may do. */
export interface ActedFor extends PersonSummary {
  readonly scopes: readonly ProxyScope[];
}

/** By name; somebody may act for one patient by two rows, and may then what either allows. */
export const actedForBy = (
  { proxies, people }: Pick<Relationships, 'proxies' | 'people'>,
  proxyId: PersonId,
): ActedFor[] => {
  const inForce = proxies.filter((one) => one.proxyId === proxyId && one.state === 'in-force');
  const scopesOf = (id: PersonId): ProxyScope[] => [
    ...new Set(inForce.filter(({ patientId }) => patientId === id).flatMap(({ scopes }) => scopes)),
  ];
  return people
    .filter(({ id }) => inForce.some(({ patientId }) => patientId === id))
    .map(({ id, displayName }) => ({ id, displayName, scopes: scopesOf(id) }))
    .sort((a, b) => a.displayName.localeCompare(b.displayName));
};

/** Undefined: the pages are one's own. */
export const ActingContext = createContext<ActedFor | undefined>(undefined);
export const useActing = (): ActedFor | undefined => useContext(ActingContext);

/** Whether the pages offer to book, move and cancel. */
export const maySchedule = (acting: ActedFor | undefined): boolean =>
  acting === undefined || acting.scopes.includes('schedule');

interface PatientPaths {
  readonly home: string;
  readonly book: string;
  readonly move: typeof movePath;
  readonly offer: typeof offerPath;
}

/** The ways between the pages of one patient: none of them leads to somebody else's. */
export const usePatientPaths = (): PatientPaths => {
  const acting = useActing();
  if (acting === undefined) return { home: HOME, book: BOOK, move: movePath, offer: offerPath };
  const base = forPath(acting.id);
  return { home: base, book: base + BOOK, move: (id) => base + movePath(id), offer: (id) => base + offerPath(id) };
};

/** Whose pages a path leads to. */
export const isFor = (path: string, id: PersonId): boolean =>
  path === forPath(id) || path.startsWith(`${forPath(id)}/`);

export const isOwn = (path: string): boolean => !path.startsWith(`${FOR}/`);
