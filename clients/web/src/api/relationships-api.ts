/** Who has to do with whom beside single visits. */
import {
  type CareTeamRequest,
  type CoverRequest,
  type EmergencyAccessRequest,
  MadeRelationship,
  type PersonId,
  type ProxyRequest,
  Relationships,
} from '@bedside/protocol';
import { call, noContent } from './http.ts';
import { type Once, once, queryOf } from './scheduling-api.ts';

const base = '/api/v1';

/** What is in force now: one's own, or everybody's for the front desk and compliance. */
export const fetchRelationships = (): Promise<Relationships> => call('GET', `${base}/relationships`, Relationships);

/** Those of one patient, for those who keep them, with what is over. */
export const fetchRelationshipsOf = (patientId: PersonId): Promise<Relationships> =>
  call('GET', `${base}/relationships?${queryOf({ patientId, over: 'yes' })}`, Relationships);

/** With what is over. */
export const fetchAllRelationships = (): Promise<Relationships> =>
  call('GET', `${base}/relationships?over=yes`, Relationships);

export const addToCareTeam = (request: CareTeamRequest, how: Once): Promise<MadeRelationship> =>
  call('POST', `${base}/care-team`, MadeRelationship, once(request, how));

export const endCareTeam = (id: string): Promise<undefined> => call('DELETE', `${base}/care-team/${id}`, noContent);

export const addCover = (request: CoverRequest, how: Once): Promise<MadeRelationship> =>
  call('POST', `${base}/covers`, MadeRelationship, once(request, how));

export const endCover = (id: string): Promise<undefined> => call('DELETE', `${base}/covers/${id}`, noContent);

export const addProxy = (request: ProxyRequest, how: Once): Promise<MadeRelationship> =>
  call('POST', `${base}/proxies`, MadeRelationship, once(request, how));

export const endProxy = (id: string): Promise<undefined> => call('DELETE', `${base}/proxies/${id}`, noContent);

/** Break-glass. */
export const openInEmergency = (
  patientId: PersonId,
  request: EmergencyAccessRequest,
  how: Once,
): Promise<MadeRelationship> =>
  call('POST', `${base}/patients/${patientId}/emergency-access`, MadeRelationship, once(request, how));

export const endEmergency = (id: string): Promise<undefined> =>
  call('DELETE', `${base}/emergency-access/${id}`, noContent);
