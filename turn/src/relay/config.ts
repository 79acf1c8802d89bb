import type { AddressFamily } from '../wire/ip.ts';
import type { PeerPolicy } from './peer-policy.ts';
import type { QuotaLimits } from './quotas.ts';

/** Everything the relay has to be told. Instants are ms since the epoch; the caller hands in a clock that follows UTC. */
export interface RelayConfig {
  readonly realm: string;
  readonly secrets: readonly string[];
  /** 32 bytes or more, the same in every thread. */
  readonly nonceKey: Buffer;
  readonly peers: PeerPolicy;
  /** Families for which the server has an address to relay from. */
  readonly families: readonly AddressFamily[];
  readonly limits: QuotaLimits;
  /** Usernames are announced over the control channel, so their hashes are accepted (RFC 8489 §9.2). */
  readonly usernameAnonymity: boolean;
  readonly maxCredentialLifeMs: number;
}

/** RFC 8656 §7.2: what a client gets that asks for less or for nothing, and the most it can get. */
export const DEFAULT_LIFETIME_SECONDS = 600;
export const MAX_LIFETIME_SECONDS = 3600;
/** Longer than RFC 8489 §9.2 asks a server to keep a nonce valid at most. */
export const NONCE_LIFETIME_MS = 3_600_000;
/** What one allocation may hold; a browser needs a handful of each. */
export const MAX_PERMISSIONS = 32;
export const MAX_CHANNELS = 32;
/** Answers to those who have shown no credential; a clinic behind one address stays far below. */
export const UNPROVEN_REPLIES = { ratePerSecond: 100, burst: 400, maxAddresses: 20_000 } as const;
/** Bound of the revocation, extension and announcement tables. */
export const MAX_CREDENTIAL_ENTRIES = 100_000;
