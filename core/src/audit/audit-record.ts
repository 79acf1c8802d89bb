import type { Selectable } from 'kysely';
import type { Tables } from '../db/tables.ts';
import type { AuditRecord } from './verify/canonical-event.ts';

/** Every column of `audit_events` that tells what happened: what is sealed. */
export const EVIDENCE_COLUMNS = [
  'id',
  'at',
  'organizationId',
  'personId',
  'role',
  'action',
  'resourceType',
  'resourceId',
  'patientId',
  'encounterId',
  'outcome',
  'reason',
  'address',
  'requestId',
] as const;

export type EvidenceRow = Pick<Selectable<Tables['auditEvents']>, (typeof EVIDENCE_COLUMNS)[number]>;

export const toAuditRecord = (row: EvidenceRow): AuditRecord => ({ ...row, at: row.at.toISOString() });
