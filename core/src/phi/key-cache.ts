import type { DataKey } from './data-key.ts';

export interface KeyCacheOptions {
  /** Keys at the most; 0 keeps none. */
  readonly size: number;
  /** How long a key is kept, however often it is used: as long a destroyed one may be used by another process. */
  readonly lifeMs: number;
  readonly clock: () => number;
}

/** Data keys that were unwrapped a moment ago, the longest kept leaving first. What leaves is let go, and overwritten. */
export class KeyCache {
  readonly #options: KeyCacheOptions;
  /** In the order of their end: all live equally long. */
  readonly #kept = new Map<string, { readonly key: DataKey; readonly until: number }>();
  #sweeping: NodeJS.Timeout | undefined;

  constructor(options: KeyCacheOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** The key, retained for the caller. */
  take(id: string): DataKey | undefined {
    const found = this.#kept.get(id);
    if (found === undefined) return undefined;
    if (found.until > this.#options.clock()) return found.key.retain();
    this.drop(id);
    return undefined;
  }

  keep(id: string, key: DataKey): void {
    if (this.#options.size < 1 || this.#options.lifeMs < 1) return;
    this.drop(id);
    this.#kept.set(id, { key: key.retain(), until: this.#options.clock() + this.#options.lifeMs });
    for (const [oldest] of this.#kept) {
      if (this.#kept.size <= this.#options.size) break;
      this.drop(oldest);
    }
    this.#sweeping ??= setInterval(() => this.#sweep(), Math.min(this.#options.lifeMs, 60_000)).unref();
  }

  drop(id: string): void {
    this.#kept.get(id)?.key.release();
    this.#kept.delete(id);
  }

  #sweep(): void {
    const now = this.#options.clock();
    for (const [id, { until }] of this.#kept) {
      if (until > now) break;
      this.drop(id);
    }
    if (this.#kept.size === 0) this.#stopSweeping();
  }

  #stopSweeping(): void {
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
  }

  close(): void {
    for (const id of [...this.#kept.keys()]) this.drop(id);
    this.#stopSweeping();
  }
}
