import { z } from 'zod';
import { AppointmentId, EncounterId, GrantId, PersonId, RoomId } from './ids.ts';

/** What somebody is in a visit. It decides defaults; what they may do is in `Permissions`. */
export const VisitRole = z.enum(['patient', 'provider', 'interpreter', 'guest']);
export type VisitRole = z.infer<typeof VisitRole>;

const allowed = z.boolean().default(false);

/** What a grant lets its holder do. A permission that is not set is refused (SPEC GR5). */
export const Permissions = z.object({
  /** Enter without being admitted. */
  enter: allowed,
  publishAudio: allowed,
  publishVideo: allowed,
  publishScreen: allowed,
  subscribe: allowed,
  chat: allowed,
  /** Admit and send back. */
  admit: allowed,
  /** Mute somebody else. */
  mute: allowed,
  /** End the visit for all. */
  end: allowed,
});
export type Permissions = z.infer<typeof Permissions>;
export type Permission = keyof Permissions;

export const GRANT_AUDIENCE = 'bedside-signaling';
/** The only JWS algorithm that is accepted (RFC 8037). */
export const GRANT_ALGORITHM = 'EdDSA';
/** RFC 9068 style explicit typing, so that no other token of the issuer passes for a grant (RFC 8725 §3.11). */
export const GRANT_TYPE = 'bedside-grant+jwt';
export const GRANT_MAX_LIFE_MS = 10 * 60_000;
export const GRANT_MAX_LENGTH = 4096;
/** Clocks of core and signaling may differ by this much. */
export const GRANT_CLOCK_TOLERANCE_MS = 5_000;

/** Claims of a room grant. `iat`, `nbf` and `exp` are seconds (RFC 7519 §4.1). */
export const GrantClaims = z.object({
  iss: z.string().min(1).max(200),
  aud: z.literal(GRANT_AUDIENCE),
  sub: PersonId,
  jti: GrantId,
  enc: EncounterId,
  apt: AppointmentId,
  room: RoomId,
  role: VisitRole,
  /** SHA-256 of the browser session that asked for the grant, base64url. A grant that was copied elsewhere is refused. */
  sid: z.string().length(43),
  perm: Permissions,
  iat: z.number().int(),
  nbf: z.number().int(),
  exp: z.number().int(),
});
export type GrantClaims = z.infer<typeof GrantClaims>;
