import { backoffMs } from '@bedside/protocol';

/** How long to wait between tries, in ms. */
export interface RetryDelays {
  readonly retryBaseMs: number;
  readonly retryMaxMs: number;
}

/** Wait before try number `attempt` (0 for the first repetition), drawn by lot within its bounds. */
export const retryDelayMs = (delays: RetryDelays, attempt: number): number =>
  backoffMs({ attempt, baseMs: delays.retryBaseMs, maxMs: delays.retryMaxMs, random: Math.random });
