import { z } from 'zod';

/**
 * The holder's name in a relay credential. Core uses the room grant's id, so that what ends a grant ends its relayed
 * media; the relay knows nothing else of anybody.
 */
export const TurnCredentialName = z.string().min(1).max(200);

/** Published by core on `TURN_CREDENTIAL_SUBJECT`. Instants are ms since the epoch. */
export const TURN_CREDENTIAL_SUBJECT = 'turn.credential';
export const TurnCredentialEvent = z.discriminatedUnion('type', [
  /** A username was handed out; from then on its hash is accepted too (RFC 8489 §9.2, username anonymity). */
  z.object({ type: z.literal('minted'), username: z.string().min(1).max(508) }),
  /** The grant was renewed: usernames of this name hold until `expiresAt`, whatever they say themselves. */
  z.object({ type: z.literal('extended'), name: TurnCredentialName, expiresAt: z.number().int() }),
  /** The grant was revoked or its visit is over. `until` lies behind the expiry of every username of that name. */
  z.object({ type: z.literal('revoked'), name: TurnCredentialName, until: z.number().int() }),
]);
export type TurnCredentialEvent = z.infer<typeof TurnCredentialEvent>;
