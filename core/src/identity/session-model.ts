/** A session nobody uses ends after this. */
export const SESSION_IDLE_MS = 30 * 60_000;
/** No session lives longer, however busy. */
export const SESSION_LIFE_MS = 12 * 60 * 60_000;
/** How often use is written down: a write per request would be waste. */
export const SESSION_TOUCH_MS = 60_000;
/** How long a sign-in may take at the issuer. */
export const SIGN_IN_ATTEMPT_MS = 10 * 60_000;

/** In what capacity somebody came in: an issuer for patients makes nobody staff, one for staff makes nobody a patient. */
export type Capacity = 'any' | 'staff' | 'patient';

export interface SessionTimes {
  readonly seenAt: Date;
  readonly expiresAt: Date;
  readonly endedAt: Date | null;
}

export const isAlive = (session: SessionTimes, now: Date): boolean =>
  session.endedAt === null && now < session.expiresAt && now.getTime() - session.seenAt.getTime() < SESSION_IDLE_MS;

/** Cookie names. `__Host-` binds a cookie to this very host and https; plain http has no such thing. */
export const cookieNames = (
  publicUrl: string,
): { readonly session: string; readonly signIn: string; readonly secure: boolean } => {
  const secure = publicUrl.startsWith('https:');
  const prefix = secure ? '__Host-' : '';
  return { session: `${prefix}bedside_session`, signIn: `${prefix}bedside_sign_in`, secure };
};
