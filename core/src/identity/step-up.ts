import { z } from 'zod';

/**
 * What counts as having proved anew that it is oneself, beside a passkey, which always does: signing in again at the
 * issuer, doing so with one of these `acr` values, or nothing else.
 */
export const StepUpRule = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('sign-in') }),
  z.strictObject({ by: z.literal('acr'), values: z.array(z.string().min(1).max(300)).min(1).max(10) }),
  z.strictObject({ by: z.literal('passkey') }),
]);
export type StepUpRule = z.infer<typeof StepUpRule>;

/** What a session knows of how its person proved who they are. */
export interface Proof {
  /** `auth_time` of the issuer. Null where it did not say: then nobody knows how long ago it was. */
  readonly authenticatedAt: Date | null;
  readonly acr: string | null;
  readonly passkeyAt: Date | null;
}

/** Whether it was at most `withinMs` ago. */
export const isRecent = (at: Date | null, withinMs: number, now: Date): boolean =>
  at !== null && now.getTime() - at.getTime() < withinMs;

/** Whether a sensitive act may follow. */
export const isSteppedUp = (proof: Proof, rule: StepUpRule, withinMs: number, now: Date): boolean => {
  if (isRecent(proof.passkeyAt, withinMs, now)) return true;
  if (rule.by === 'passkey' || !isRecent(proof.authenticatedAt, withinMs, now)) return false;
  return rule.by === 'sign-in' || (proof.acr !== null && rule.values.includes(proof.acr));
};
