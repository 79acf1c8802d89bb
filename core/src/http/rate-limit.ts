import { AppError, type ErrorCode } from '@bedside/protocol';

const WINDOW_MS = 60_000;
/** Keys counted at once. Past it the oldest is forgotten: memory is bounded, and a flood of keys gains little. */
const MAX_KEYS = 20_000;

interface Count {
  readonly startedAt: number;
  used: number;
}

/** Too many requests; `retryAfterSeconds` says when to come back. */
export class RateLimited extends AppError {
  readonly retryAfterSeconds: number;

  constructor(code: Extract<ErrorCode, 'rate_limited'>, retryAfterSeconds: number) {
    super(code);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** At most `perMinute` takes a key in a minute that begins with its first. */
export class RateLimit {
  readonly #perMinute: number;
  readonly #counts = new Map<string, Count>();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** Throws `RateLimited`. */
  take(key: string, now: number): void {
    const known = this.#counts.get(key);
    if (known !== undefined && now - known.startedAt < WINDOW_MS) {
      if (known.used >= this.#perMinute)
        throw new RateLimited('rate_limited', Math.ceil((known.startedAt + WINDOW_MS - now) / 1000));
      known.used += 1;
      return;
    }
    this.#counts.delete(key);
    if (this.#counts.size >= MAX_KEYS) {
      const [oldest] = this.#counts.keys();
      if (oldest !== undefined) this.#counts.delete(oldest);
    }
    this.#counts.set(key, { startedAt: now, used: 1 });
  }
}
