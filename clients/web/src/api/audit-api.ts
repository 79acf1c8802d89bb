/** The audit trail, as those who watch over it read it. */
import { AuditPage, type AuditQuery } from '@bedside/protocol';
import { call } from './http.ts';
import { queryOf } from './scheduling-api.ts';

/** What to look for; `before` is the place of the page before. */
export type AuditSearch = Omit<AuditQuery, 'limit' | 'before'>;

/** Newest first. */
export const fetchAuditEvents = (search: AuditSearch, before: string | undefined): Promise<AuditPage> =>
  call('GET', `/api/v1/audit/events?${queryOf({ ...search, before })}`, AuditPage);
