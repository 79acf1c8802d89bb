/** Lets `ratePerSecond` pass on average and `burst` at once. It starts full. */
export class TokenBucket {
  readonly #ratePerMs: number;
  readonly #burst: number;
  #tokens: number;
  #filledAt: number;

  constructor(options: { ratePerSecond: number; burst: number; now: number }) {
    this.#ratePerMs = options.ratePerSecond / 1000;
    this.#burst = options.burst;
    this.#tokens = options.burst;
    this.#filledAt = options.now;
  }

  /** Takes `amount` where there is as much, else nothing. A clock that jumps back adds nothing. */
  take(amount: number, now: number): boolean {
    if (now > this.#filledAt) {
      this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#filledAt) * this.#ratePerMs);
      this.#filledAt = now;
    }
    if (this.#tokens < amount) return false;
    this.#tokens -= amount;
    return true;
  }
}
