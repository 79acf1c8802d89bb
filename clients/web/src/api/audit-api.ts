/** The audit trail, as those who watch over it read it. */
import { type AuditExportPurpose, AuditPage, type AuditQuery, AuditStatus } from '@bedside/protocol';
import { answerOf, call } from './http.ts';
import { queryOf } from './scheduling-api.ts';

/** What to look for; `before` is the place of the page before. */
export type AuditSearch = Omit<AuditQuery, 'limit' | 'before'>;

/** Newest first. */
export const fetchAuditEvents = (search: AuditSearch, before: string | undefined): Promise<AuditPage> =>
  call('GET', `/api/v1/audit/events?${queryOf({ ...search, before })}`, AuditPage);

/** The same as CSV, at most 50,000 events. */
export const exportAuditEvents = async (search: AuditSearch, purpose: AuditExportPurpose): Promise<Blob> =>
  (await answerOf('POST', '/api/v1/audit/export', { body: { ...search, purpose } })).blob();

export const fetchAuditStatus = (): Promise<AuditStatus> => call('GET', '/api/v1/audit/status', AuditStatus);
