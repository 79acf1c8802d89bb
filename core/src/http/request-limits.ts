import { addressKey } from '@bedside/kit';
import type { RateLimits } from './limits-from-env.ts';
import { RateLimit } from './rate-limit.ts';

export type RateClass = 'signIn' | 'read' | 'write' | 'grant';

const SIGN_IN_FAILURES_WINDOW_MS = 15 * 60_000;
/** The one key of a limit that all share. */
const EVERYBODY = 'everybody';

/** How much one address, one person and all together may ask for. Memory is bounded, whoever asks. */
export class RequestLimits {
  readonly #address: RateLimit;
  readonly #classes: Readonly<Record<RateClass, RateLimit>>;
  readonly #signInFailures: RateLimit;
  readonly #signInAll: RateLimit;

  constructor(limits: RateLimits) {
    this.#address = new RateLimit(limits.address);
    this.#classes = {
      signIn: new RateLimit(limits.signIn),
      read: new RateLimit(limits.read),
      write: new RateLimit(limits.write),
      grant: new RateLimit(limits.grant),
    };
    this.#signInFailures = new RateLimit(limits.signInFailures, SIGN_IN_FAILURES_WINDOW_MS);
    this.#signInAll = new RateLimit(limits.signInAll);
  }

  /** Before anything is known of a request but where it came from. Throws `RateLimited`. */
  takeAddress(address: string | undefined, now: number): void {
    this.#address.take(addressKey(address), now);
  }

  /**
   * Before a route runs. Where nobody is signed in the address counts. Each sign-in that begins leaves a row and a call
   * of the issuer's, so all of them together are limited too. Throws `RateLimited`.
   */
  takeRoute(rate: RateClass, from: { personId: string | undefined; address: string | undefined; now: number }): void {
    const key = from.personId ?? addressKey(from.address);
    if (rate === 'signIn') this.#signInFailures.check(addressKey(from.address), from.now);
    this.#classes[rate].take(key, from.now);
    if (rate === 'signIn') this.#signInAll.take(EVERYBODY, from.now);
  }

  /** A sign-in was refused; too many of them, and an address has to wait. Which account it was is the issuer's to count. */
  signInRefused(address: string | undefined, now: number): void {
    this.#signInFailures.count(addressKey(address), now);
  }
}
