import { z } from 'zod';
import { PersonSummary } from './core-api.ts';
import { EncounterId, PersonId } from './ids.ts';
import { Instant } from './visits.ts';

export const AUDIT_PAGE_MAX = 200;

export const AuditOutcome = z.enum(['success', 'denied']);
export type AuditOutcome = z.infer<typeof AuditOutcome>;

/** What to look for in the audit trail. `from` is included, `to` is not; `before` is the last event of the page before. */
export const AuditQuery = z.object({
  patientId: PersonId.optional(),
  personId: PersonId.optional(),
  from: Instant.optional(),
  to: Instant.optional(),
  outcome: AuditOutcome.optional(),
  before: z
    .string()
    .regex(/^[1-9]\d{0,17}$/, 'must be the id of an event')
    .optional(),
  limit: z.coerce.number().int().min(1).max(AUDIT_PAGE_MAX).default(50),
});
export type AuditQuery = z.infer<typeof AuditQuery>;

/** One event of the trail. A name is null where nobody of the organization has that id any more. */
export const AuditEvent = z.object({
  id: z.string(),
  at: Instant,
  person: PersonSummary.extend({ displayName: z.string().nullable() }).nullable(),
  /** In what capacity they acted. */
  role: z.string().nullable(),
  /** `<noun>.<verb>`. */
  action: z.string(),
  outcome: AuditOutcome,
  reason: z.string().nullable(),
  resource: z.object({ type: z.string(), id: z.string().nullable() }),
  patient: PersonSummary.extend({ displayName: z.string().nullable() }).nullable(),
  encounterId: EncounterId.nullable(),
  address: z.string().nullable(),
  requestId: z.string().nullable(),
  /** Whether it stands under a signed head. */
  sealed: z.boolean(),
});
export type AuditEvent = z.infer<typeof AuditEvent>;

/** Newest first. `next` is the `before` of the next page; null where there is none. */
export const AuditPage = z.object({ events: z.array(AuditEvent), next: z.string().nullable() });
export type AuditPage = z.infer<typeof AuditPage>;

/** Why a copy of the trail leaves Bedside. It stands in the trail. */
export const AuditExportPurpose = z.enum(['patient-request', 'investigation', 'legal', 'review']);
export type AuditExportPurpose = z.infer<typeof AuditExportPurpose>;

/** Events of a copy. */
export const AUDIT_EXPORT_MAX = 50_000;
/** `POST /api/v1/audit/export`: answered with CSV (RFC 4180), newest first, `AUDIT_EXPORT_MAX` events at the most. */
export const AuditExportRequest = z.strictObject({
  ...AuditQuery.omit({ before: true, limit: true }).shape,
  purpose: AuditExportPurpose,
});
export type AuditExportRequest = z.infer<typeof AuditExportRequest>;

/** How far the trail is sealed and published. Whether it holds, `audit:verify` says, outside of Bedside. */
export const AuditStatus = z.object({
  /** Signed heads there are. */
  heads: z.number().int(),
  /** The newest of them; null where there is none. */
  sealedAt: Instant.nullable(),
  /** Events that wait for a head, counted up to 10,000. */
  unsealed: z.number().int(),
  /** Who has the heads outside of this database, and how many of them. */
  published: z.array(z.object({ collector: z.string(), heads: z.number().int() })),
});
export type AuditStatus = z.infer<typeof AuditStatus>;

/** What somebody did with a patient's record, in the patient's terms. */
export const RecordAccessKind = z.enum(['looked', 'visited', 'wrote', 'changed', 'exported']);
export type RecordAccessKind = z.infer<typeof RecordAccessKind>;

/** `before` is the instant of the last entry of the page before. */
export const RecordAccessQuery = z.object({ before: Instant.optional() });
export type RecordAccessQuery = z.infer<typeof RecordAccessQuery>;

/** Who did something with a patient's own record. No ids and no addresses: a name, a capacity, a moment. */
export const RecordAccess = z.object({
  at: Instant,
  /** Null: Bedside itself. */
  name: z.string().nullable(),
  role: z.string().nullable(),
  kind: RecordAccessKind,
});
export type RecordAccess = z.infer<typeof RecordAccess>;

/** Newest first, each person and kind once a minute. `next` is the `before` of the next page. */
export const RecordAccessPage = z.object({ entries: z.array(RecordAccess), next: Instant.nullable() });
export type RecordAccessPage = z.infer<typeof RecordAccessPage>;
