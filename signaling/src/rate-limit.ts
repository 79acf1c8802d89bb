/** At most `count` in any `windowMs`. */
export interface RateWindow {
  readonly count: number;
  readonly windowMs: number;
}

/**
 * Counts exactly, over sliding windows: it remembers the instants of the last requests, as many as the largest window
 * allows, and compares the one `count` back with the present.
 */
export class RateLimit {
  readonly #windows: readonly RateWindow[];
  readonly #instants: Float64Array;
  #seen = 0;

  constructor(windows: readonly RateWindow[]) {
    this.#windows = windows;
    this.#instants = new Float64Array(Math.max(...windows.map((window) => window.count)));
  }

  /** Whether one more is allowed at `now` (ms, never falling); it is counted when it is. */
  take(now: number): boolean {
    const size = this.#instants.length;
    for (const { count, windowMs } of this.#windows) {
      if (this.#seen < count) continue;
      const earlier = this.#instants[(this.#seen - count) % size] ?? 0;
      if (now - earlier < windowMs) return false;
    }
    this.#instants[this.#seen % size] = now;
    this.#seen += 1;
    return true;
  }
}
