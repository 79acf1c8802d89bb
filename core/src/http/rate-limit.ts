import { AppError, type ErrorCode } from '@bedside/protocol';

const MINUTE_MS = 60_000;
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

/** At most so many takes a key in a window that begins with its first; a minute when nothing else is said. */
export class RateLimit {
  readonly #perWindow: number;
  readonly #windowMs: number;
  readonly #counts = new Map<string, Count>();

  constructor(perWindow: number, windowMs = MINUTE_MS) {
    this.#perWindow = perWindow;
    this.#windowMs = windowMs;
  }

  /** Throws `RateLimited` where nothing is left to take. */
  check(key: string, now: number): void {
    const known = this.#current(key, now);
    if (known !== undefined && known.used >= this.#perWindow)
      throw new RateLimited('rate_limited', Math.ceil((known.startedAt + this.#windowMs - now) / 1000));
  }

  /** Throws `RateLimited`. */
  take(key: string, now: number): void {
    this.check(key, now);
    this.count(key, now);
  }

  /** Takes also where nothing is left. */
  count(key: string, now: number): void {
    const known = this.#current(key, now);
    if (known !== undefined) {
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

  #current(key: string, now: number): Count | undefined {
    const known = this.#counts.get(key);
    return known !== undefined && now - known.startedAt < this.#windowMs ? known : undefined;
  }
}
