import type { Timers } from '../platform.ts';
import { type PathQuality, type PathSample, qualityBetween, samplePath } from './quality.ts';

const INTERVAL_MS = 4_000;

/** Looks at the path every four seconds. Two findings in a row make a change, so that one hiccup says nothing. */
export class QualityMonitor {
  readonly #timers: Timers;
  readonly #getStats: () => Promise<Iterable<[string, unknown]>[]>;
  readonly #changed: (quality: PathQuality) => void;
  #cancel: () => void = () => undefined;
  #last: PathSample | undefined;
  #told: PathQuality = 'good';
  #candidate: PathQuality = 'good';
  #running = false;

  constructor(options: {
    timers: Timers;
    getStats: () => Promise<Iterable<[string, unknown]>[]>;
    changed: (quality: PathQuality) => void;
  }) {
    this.#timers = options.timers;
    this.#getStats = options.getStats;
    this.#changed = options.changed;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#schedule();
  }

  stop(): void {
    this.#running = false;
    this.#cancel();
    this.#last = undefined;
    this.#candidate = 'good';
    this.#tell('good');
  }

  #schedule(): void {
    this.#cancel = this.#timers.after(INTERVAL_MS, () => void this.#look());
  }

  async #look(): Promise<void> {
    try {
      const sample = samplePath(await this.#getStats());
      if (!this.#running) return;
      const found = this.#last ? qualityBetween(this.#last, sample) : 'good';
      this.#last = sample;
      if (found === this.#candidate) this.#tell(found);
      this.#candidate = found;
    } catch {
      // The transport was closed meanwhile; the next one begins with a first look.
      this.#last = undefined;
    }
    if (this.#running) this.#schedule();
  }

  #tell(quality: PathQuality): void {
    if (quality === this.#told) return;
    this.#told = quality;
    this.#changed(quality);
  }
}
