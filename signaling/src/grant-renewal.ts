import type { Clock } from '@bedside/kit';
import { type CloseReason, ERRORS, type ErrorCode, errorCodeOf } from '@bedside/protocol';
import { type RetryDelays, retryDelayMs } from './retry.ts';

/** A third of the life that is left is kept for the tries that core does not answer. */
const RENEW_AFTER = 2 / 3;

const endingCode = (code: ErrorCode): CloseReason | undefined => {
  if (code === 'forbidden') return 'grant_revoked';
  return code !== 'internal' && 'close' in ERRORS[code] ? (code as CloseReason) : undefined;
};

/** Keeps one session's grant alive while core agrees (SPEC GR4). */
export class GrantRenewal {
  readonly #clock: Clock;
  readonly #delays: RetryDelays & { readonly renewMinMs: number };
  readonly #renew: () => Promise<number>;
  readonly #onRefused: (code: CloseReason) => void;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: {
    clock: Clock;
    delays: RetryDelays & { readonly renewMinMs: number };
    /** Gives the new expiry in ms since the epoch. */
    renew: () => Promise<number>;
    onRefused: (code: CloseReason) => void;
  }) {
    this.#clock = options.clock;
    this.#delays = options.delays;
    this.#renew = options.renew;
    this.#onRefused = options.onRefused;
  }

  /** `expiresAt`: ms since the epoch. */
  start(expiresAt: number): void {
    this.#schedule(Math.max(this.#delays.renewMinMs, (expiresAt - this.#clock()) * RENEW_AFTER), 0);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(delayMs: number, attempt: number): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#try(attempt), delayMs);
  }

  async #try(attempt: number): Promise<void> {
    try {
      this.start(await this.#renew());
    } catch (error) {
      if (this.#stopped) return;
      const ending = endingCode(errorCodeOf(error));
      if (ending !== undefined) this.#onRefused(ending);
      else this.#schedule(retryDelayMs(this.#delays, attempt), attempt + 1);
    }
  }
}
