import type { PersonId } from '@bedside/protocol';
import type { Caller } from '../caller.ts';
import type { Db } from '../db/database.ts';
import { actedForAmong } from '../relationships/relations-of.ts';
import { STAFF, type Viewer } from '../scheduling/appointment-store.ts';
import { isPatientOf, patientIdsOf, type Visit } from './visit-store.ts';

/** Through whose eyes somebody sees a visit. */
export interface Sight {
  readonly viewer: Viewer;
  /** Of whoever acts for patients of it: for whom. Of a session they are told of these patients alone. */
  readonly actedFor?: readonly PersonId[];
}

type ProxyRelation = 'proxy-read' | 'proxy-schedule';
const PROXY_RELATIONS: readonly ProxyRelation[] = ['proxy-read', 'proxy-schedule'];

/** Whether somebody who is none of a visit's people acts for one of its patients. */
export const isProxy = ({ relations }: Pick<Visit, 'relations'>, by = PROXY_RELATIONS): boolean =>
  relations?.some((relation) => by.some((one) => one === relation)) === true;

/**
 * Staff see everybody of a visit; a patient themselves alone, and whoever acts for one that patient alone. Who acts for
 * several who sit in one session is shown none of them as its patient: each has a list of their own. `by`: what lets a
 * proxy see what is asked for.
 */
export const sightOf = async (
  db: Db,
  visit: Visit,
  ask: { readonly caller: Caller; readonly at: Date; readonly by?: readonly ProxyRelation[] },
): Promise<Sight> => {
  const { personId } = ask.caller.who;
  const { by = PROXY_RELATIONS } = ask;
  if (isPatientOf(visit, personId)) return { viewer: { kind: 'patient', personId } };
  if (!isProxy(visit, by)) return { viewer: STAFF };
  if (visit.patientId !== null)
    return { viewer: { kind: 'patient', personId: visit.patientId }, actedFor: [visit.patientId] };
  const found = await actedForAmong(db, { personId, patientIds: patientIdsOf(visit), at: ask.at });
  const actedFor = [...found].filter(([, relations]) => isProxy({ relations }, by)).map(([id]) => id);
  const [only = personId] = actedFor.length === 1 ? actedFor : [];
  return { viewer: { kind: 'patient', personId: only }, actedFor };
};
