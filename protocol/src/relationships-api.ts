import { z } from 'zod';
import { PersonSummary } from './core-api.ts';
import { PersonId } from './ids.ts';
import { Instant } from './visits.ts';

/** `read`: what the patient sees of their record. `schedule`: what they book, move and cancel. */
export const ProxyScope = z.enum(['read', 'schedule']);
export type ProxyScope = z.infer<typeof ProxyScope>;

/** Who acts for a patient, from `validFrom` on, up to `validTo` where there is one. */
export const ProxyRequest = z.strictObject({
  patientId: PersonId,
  proxyId: PersonId,
  kind: z.enum(['guardian', 'proxy']),
  scopes: z.array(ProxyScope).min(1).max(2),
  validFrom: Instant.optional(),
  validTo: Instant.optional(),
});
export type ProxyRequest = z.infer<typeof ProxyRequest>;

/** Who looks after a patient beyond single visits. */
export const CareTeamRequest = z.strictObject({
  patientId: PersonId,
  memberId: PersonId,
  validFrom: Instant.optional(),
  validTo: Instant.optional(),
});
export type CareTeamRequest = z.infer<typeof CareTeamRequest>;

/** Who stands in for a provider, for at most 366 days. */
export const CoverRequest = z.strictObject({
  providerId: PersonId,
  coveringId: PersonId,
  validFrom: Instant.optional(),
  validTo: Instant,
});
export type CoverRequest = z.infer<typeof CoverRequest>;

export const EMERGENCY_MINUTES = 60;
/** Break-glass. The reason is read by compliance. */
export const EmergencyAccessRequest = z.strictObject({
  reason: z.string().trim().min(10).max(500),
  minutes: z.int().min(5).max(240).default(EMERGENCY_MINUTES),
});
export type EmergencyAccessRequest = z.infer<typeof EmergencyAccessRequest>;

/**
 * `over`: proxies, care teams and covers that are over too, each up to when it held. `patientId`: those of one patient
 * alone, and no covers.
 */
export const RelationshipQuery = z.strictObject({ over: z.literal('yes').optional(), patientId: PersonId.optional() });

/** As core's clock has it when it answers. */
export const RelationshipState = z.enum(['to-come', 'in-force', 'over']);
export type RelationshipState = z.infer<typeof RelationshipState>;
const period = { id: z.uuid(), state: RelationshipState, validFrom: Instant, validTo: Instant.nullable() };

/** What is not over, as far as whoever asks may know of it. At most 200 of a kind. */
export const Relationships = z.object({
  proxies: z.array(
    z.object({
      ...period,
      patientId: PersonId,
      proxyId: PersonId,
      kind: z.enum(['guardian', 'proxy']),
      scopes: z.array(ProxyScope),
    }),
  ),
  careTeam: z.array(z.object({ ...period, patientId: PersonId, memberId: PersonId })),
  covers: z.array(z.object({ ...period, providerId: PersonId, coveringId: PersonId })),
  emergencies: z.array(z.object({ ...period, patientId: PersonId, personId: PersonId, reason: z.string() })),
  /** Names of those above, as far as whoever asks may know them. */
  people: z.array(PersonSummary),
});
export type Relationships = z.infer<typeof Relationships>;

export const MadeRelationship = z.object({ id: z.uuid(), validFrom: Instant, validTo: Instant.nullable() });
export type MadeRelationship = z.infer<typeof MadeRelationship>;
