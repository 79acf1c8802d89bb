/** Who has to do with whom beside single visits. */
import {
  type EmergencyAccessRequest,
  MadeRelationship,
  type PersonId,
  type ProxyRequest,
  Relationships,
} from '@bedside/protocol';
import { call, noContent } from './http.ts';
import { type Once, once } from './scheduling-api.ts';

const base = '/api/v1';

/** What is in force now: one's own, or everybody's for the front desk and compliance. */
export const fetchRelationships = (): Promise<Relationships> => call('GET', `${base}/relationships`, Relationships);

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
