import { z } from 'zod';
import { LocalDate, PersonSummary } from './core-api.ts';
import { AccessReviewId, AgreementId, CorrectionId, PersonId, RecordExportId } from './ids.ts';
import { Instant } from './visits.ts';

// What may leave: agreements with those who are sent data of patients (45 CFR 164.504(e)).

/** What of a patient's a message to somebody else can tell. `contact`: an address, and that they are a patient here. */
export const DataCategory = z.enum([
  'contact',
  'appointment-time',
  'provider-name',
  'identifiers',
  'clinical',
  'media',
]);
export type DataCategory = z.infer<typeof DataCategory>;

/** `own-host`: the organization runs the host itself, so that no agreement is needed; somebody answers for saying so. */
export const AgreementBasis = z.enum(['agreement', 'own-host']);
export type AgreementBasis = z.infer<typeof AgreementBasis>;

const words = (max: number) => z.string().trim().min(1).max(max);

export const AgreementRequest = z.strictObject({
  basis: AgreementBasis,
  vendor: words(200),
  purpose: words(500),
  /** Host name or address, as it is configured. */
  destination: z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^[a-z0-9.:-]{1,253}$/, 'must be a host name or an address'),
  categories: z.array(DataCategory).min(1).max(DataCategory.options.length),
  /** Where the signed document is kept. */
  documentReference: words(500),
  validFrom: LocalDate,
  /** The last day; absent, it has no end. */
  validTo: LocalDate.optional(),
});
export type AgreementRequest = z.infer<typeof AgreementRequest>;

export const Agreement = AgreementRequest.extend({
  id: AgreementId,
  recordedAt: Instant,
  endedAt: Instant.optional(),
  /** Today, in the organization's zone. */
  isInForce: z.boolean(),
  /** In force, and over within 30 days. */
  isExpiring: z.boolean(),
});
export type Agreement = z.infer<typeof Agreement>;
export const AgreementList = z.object({ agreements: z.array(Agreement) });

// A patient's record, for the patient (45 CFR 164.524).

/** A FHIR R4 Bundle, or a page to read and to print. */
export const RecordFormat = z.enum(['fhir', 'html']);
export type RecordFormat = z.infer<typeof RecordFormat>;

export const RecordExportRequest = z.strictObject({
  format: RecordFormat,
  /** Whose record; absent, one's own. */
  patientId: PersonId.optional(),
  /** Why, where it is not one's own. */
  reason: words(500).optional(),
});
export type RecordExportRequest = z.infer<typeof RecordExportRequest>;

/** `GET /api/v1/record-exports/:id/content` streams it to whoever asked for it, until `expiresAt`. */
export const RecordExport = z.object({
  id: RecordExportId,
  format: RecordFormat,
  patientId: PersonId,
  requestedAt: Instant,
  expiresAt: Instant,
  fetchedAt: Instant.optional(),
});
export type RecordExport = z.infer<typeof RecordExport>;

// Corrections (45 CFR 164.526).

export const CorrectionSubject = z.enum(['profile', 'appointment', 'intake', 'message', 'visit', 'other']);
export type CorrectionSubject = z.infer<typeof CorrectionSubject>;
export const CorrectionStatus = z.enum(['requested', 'withdrawn', 'accepted', 'denied', 'disagreed', 'rebutted']);
export type CorrectionStatus = z.infer<typeof CorrectionStatus>;
export const CorrectionAct = z.enum(['request', 'extend', 'withdraw', 'accept', 'deny', 'disagree', 'rebut']);
export type CorrectionAct = z.infer<typeof CorrectionAct>;
/** The grounds on which 45 CFR 164.526(a)(2) lets a request be denied; there are no others. */
export const DenialBasis = z.enum(['not-created-here', 'not-in-record', 'not-accessible', 'accurate-and-complete']);
export type DenialBasis = z.infer<typeof DenialBasis>;

const Text = words(4_000);
export const CorrectionRequest = z.strictObject({
  about: CorrectionSubject,
  /** The appointment, message or encounter, where it is about one. */
  aboutId: z.uuid().optional(),
  /** What is wrong. */
  statement: Text,
  /** What it should say instead. */
  proposed: Text,
  /** Whose record; absent, one's own. */
  patientId: PersonId.optional(),
});
export type CorrectionRequest = z.infer<typeof CorrectionRequest>;

const act = { version: z.number().int().min(1) };
/** `note` of an acceptance: what was amended, and where. */
export const CorrectionNote = z.strictObject({ ...act, note: Text });
export type CorrectionNote = z.infer<typeof CorrectionNote>;
export const CorrectionDenial = z.strictObject({ ...act, note: Text, basis: DenialBasis });
export type CorrectionDenial = z.infer<typeof CorrectionDenial>;
export const CorrectionWithdrawal = z.strictObject(act);
export type CorrectionWithdrawal = z.infer<typeof CorrectionWithdrawal>;

export const Correction = z.object({
  id: CorrectionId,
  patient: PersonSummary,
  about: CorrectionSubject,
  aboutId: z.uuid().optional(),
  statement: z.string(),
  proposed: z.string(),
  status: CorrectionStatus,
  denialBasis: DenialBasis.optional(),
  /** Until when the organization has to accept or deny it. */
  dueAt: Instant,
  isOverdue: z.boolean(),
  /** It was put off once; it cannot be put off again. */
  extended: z.boolean(),
  version: z.number().int(),
  createdAt: Instant,
  /** All that was said and done, oldest first. */
  history: z.array(z.object({ at: Instant, by: PersonSummary, act: CorrectionAct, note: z.string().optional() })),
});
export type Correction = z.infer<typeof Correction>;
export const CorrectionPage = z.object({ corrections: z.array(Correction), next: z.string().optional() });
export type CorrectionPage = z.infer<typeof CorrectionPage>;
/** `open`: only what waits for an answer, most urgent first; otherwise all, newest first. */
export const CorrectionQuery = z.strictObject({
  open: z.enum(['true', 'false']).default('false'),
  cursor: z.string().max(200).optional(),
});

// Access reviews.

export const AccessReview = z.object({
  id: AccessReviewId,
  periodFrom: Instant,
  periodTo: Instant,
  madeAt: Instant,
  /** Of the file, hexadecimal. */
  sha256: z.string(),
  accounts: z.number().int(),
  findings: z.number().int(),
  signatures: z.array(z.object({ by: PersonSummary, at: Instant, remark: z.string().optional() })),
});
export type AccessReview = z.infer<typeof AccessReview>;
export const AccessReviewList = z.object({ reviews: z.array(AccessReview), next: z.string().optional() });
export type AccessReviewList = z.infer<typeof AccessReviewList>;
export const AccessReviewQuery = z.strictObject({ cursor: z.string().max(200).optional() });
/** Signs the file whose SHA-256 this is; a review whose file is another is not signed. */
export const AccessReviewSignature = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be SHA-256 in hexadecimal'),
  remark: words(2_000).optional(),
});
export type AccessReviewSignature = z.infer<typeof AccessReviewSignature>;
