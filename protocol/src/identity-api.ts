import { z } from 'zod';
import { OrganizationId, PersonId } from './ids.ts';
import { Instant } from './visits.ts';

/** Whom an issuer signs in. */
export const IssuerAudience = z.enum(['staff', 'patients']);
export type IssuerAudience = z.infer<typeof IssuerAudience>;

/** An issuer that somebody may choose at sign-in: `/auth/login?issuer=<id>`. */
export const IssuerChoice = z.object({ id: z.string(), label: z.string(), for: z.array(IssuerAudience) });
export type IssuerChoice = z.infer<typeof IssuerChoice>;

/** One of the places where somebody is signed in. */
export const SessionSummary = z.object({
  id: z.uuid(),
  /** The one that asks. */
  current: z.boolean(),
  createdAt: Instant,
  seenAt: Instant,
  expiresAt: Instant,
  /** `id` of the issuer, where it is still configured. */
  issuer: z.string().optional(),
});
export type SessionSummary = z.infer<typeof SessionSummary>;

export const PasskeyName = z.string().trim().min(1).max(100);

export const PasskeySummary = z.object({
  id: z.uuid(),
  name: PasskeyName,
  createdAt: Instant,
  usedAt: Instant.optional(),
  /** Its counter went back, so there is a copy of it somewhere; it is taken no more. */
  cloned: z.boolean(),
});
export type PasskeySummary = z.infer<typeof PasskeySummary>;

const base64url = (max: number) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/)
    .max(max);
const credential = { id: base64url(1_400), rawId: base64url(1_400), type: z.literal('public-key') };
const extensions = z.record(z.string(), z.unknown());

/** `RegistrationResponseJSON` of W3C Web Authentication Level 3 §5.1.8.2, as far as it is used. */
export const PasskeyRegistration = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64url(4_000),
    attestationObject: base64url(20_000),
    transports: z.array(z.string().max(20)).max(10).optional(),
  }),
  clientExtensionResults: extensions,
});
export type PasskeyRegistration = z.infer<typeof PasskeyRegistration>;

/** `AuthenticationResponseJSON` of the same section. */
export const PasskeyAssertion = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64url(4_000),
    authenticatorData: base64url(4_000),
    signature: base64url(2_000),
    userHandle: base64url(200).optional(),
  }),
  clientExtensionResults: extensions,
});
export type PasskeyAssertion = z.infer<typeof PasskeyAssertion>;

/** A public key as JWK (RFC 7517), Ed25519 or P-256, and nothing beside it: the private half is refused. */
export const ServicePublicKey = z.union([
  z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: base64url(43) }),
  z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: base64url(43), y: base64url(43) }),
]);
export type ServicePublicKey = z.infer<typeof ServicePublicKey>;

export const NewServiceClient = z.strictObject({
  label: z.string().trim().min(1).max(100),
  publicKey: ServicePublicKey,
  /** Names of actions that machines may be given. */
  actions: z.array(z.string().max(60)).min(1).max(100),
});
export type NewServiceClient = z.infer<typeof NewServiceClient>;

/** A machine that gets its tokens at `POST /auth/token` with `private_key_jwt` (RFC 7523). */
export const ServiceClient = z.object({
  /** `client_id`. */
  id: PersonId,
  organizationId: OrganizationId,
  label: z.string(),
  actions: z.array(z.string()),
  createdAt: Instant,
  revokedAt: Instant.optional(),
});
export type ServiceClient = z.infer<typeof ServiceClient>;
