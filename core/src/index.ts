export { type AuditAdmin, type ExportFormat, openAuditAdmin } from './audit/admin.ts';
export {
  type AuditConfig,
  type CoreConfig,
  coreConfig,
  DEFAULT_SESSION_LIMITS,
  DEFAULT_STEP_UP_WITHIN_MS,
  type PhiConfig,
  type TurnAccessConfig,
} from './config.ts';
export { applicationRoleOf } from './db/application-role.ts';
export { DEFAULT_RATE_LIMITS, type RateLimits } from './http/limits-from-env.ts';
export { onlyIssuer } from './identity/issuer-config.ts';
export { openPhiAdmin, type PhiAdmin } from './phi/admin.ts';
export { ShreddingRefused } from './phi/shredding.ts';
export type { AvailabilitySpec, OrganizationSpec, PersonSpec, Provisioning, VisitTypeSpec } from './provisioning.ts';
export { loadRelaySecret } from './relay/secret.ts';
export { type AccessReviewAdmin, type AccessReviewFiles, openAccessReviewAdmin } from './rights/review/admin.ts';
export type { WeeklyWindow } from './scheduling/availability-rules.ts';
export type { Booking } from './scheduling/booking.ts';
export { type Core, type CoreDeps, createCore } from './service.ts';
