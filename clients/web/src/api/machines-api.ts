/** Accounts of other machines, as who runs the clinic's Bedside keeps them. */
import { type NewServiceClient, type PersonId, ServiceClient } from '@bedside/protocol';
import { call, listOf, noContent } from './http.ts';
import { type Once, once } from './scheduling-api.ts';

const base = '/api/v1/machines';

/** Newest first, those that are shut out too. */
export const fetchMachines = (): Promise<ServiceClient[]> => call('GET', base, listOf('machines', ServiceClient));

export const addMachine = (request: NewServiceClient, how: Once): Promise<ServiceClient> =>
  call('POST', base, ServiceClient, once(request, how));

export const revokeMachine = (id: PersonId): Promise<undefined> => call('DELETE', `${base}/${id}`, noContent);
