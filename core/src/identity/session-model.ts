import type { AccountRole } from '@bedside/protocol';

/** How often use is written down: a write per request would be waste. */
export const SESSION_TOUCH_MS = 60_000;
/** How long a sign-in may take at the issuer. */
export const SIGN_IN_ATTEMPT_MS = 10 * 60_000;

/** A session nobody uses ends after `idleMs`; none lives longer than `lifeMs`, however busy. */
export interface SessionLimits {
  readonly idleMs: number;
  readonly lifeMs: number;
}

/** Staff see the records of others, patients their own. */
export type SessionKind = 'staff' | 'patient';

/** In what capacity somebody came in: an issuer for patients makes nobody staff, one for staff makes nobody a patient. */
export type Capacity = 'any' | 'staff' | 'patient';

/** The roles that count in this capacity. A machine's never does: it has tokens, not sessions. */
export const rolesIn = (capacity: Capacity, roles: readonly AccountRole[]): readonly AccountRole[] =>
  roles.filter(
    (role) => role !== 'service' && (capacity === 'any' || (capacity === 'patient') === (role === 'patient')),
  );

export const kindOf = (roles: readonly AccountRole[]): SessionKind =>
  roles.some((role) => role !== 'patient') ? 'staff' : 'patient';

export interface SessionTimes {
  readonly seenAt: Date;
  readonly expiresAt: Date;
  readonly endedAt: Date | null;
}

export const isAlive = (session: SessionTimes, idleMs: number, now: Date): boolean =>
  session.endedAt === null && now < session.expiresAt && now.getTime() - session.seenAt.getTime() < idleMs;

/** Cookie names. `__Host-` binds a cookie to this very host and https; plain http has no such thing. */
export const cookieNames = (
  publicUrl: string,
): { readonly session: string; readonly signIn: string; readonly secure: boolean } => {
  const secure = publicUrl.startsWith('https:');
  const prefix = secure ? '__Host-' : '';
  return { session: `${prefix}bedside_session`, signIn: `${prefix}bedside_sign_in`, secure };
};
