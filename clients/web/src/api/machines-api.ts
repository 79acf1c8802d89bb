/** Accounts of other machines, as who runs the clinic's Bedside keeps them. */
import { type NewServiceClient, type PersonId, ServiceClient } from '@bedside/protocol';
import { call, listOf, noContent } from './http.ts';

const base = '/api/v1/machines';

/** Newest first, those that are shut out too. */
export const fetchMachines = (): Promise<ServiceClient[]> => call('GET', base, listOf('machines', ServiceClient));

export const addMachine = (request: NewServiceClient): Promise<ServiceClient> =>
  call('POST', base, ServiceClient, { body: request });

export const revokeMachine = (id: PersonId): Promise<undefined> => call('DELETE', `${base}/${id}`, noContent);
