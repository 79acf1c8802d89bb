import type { Timers } from '../platform.ts';

/** Time that moves only when a test says so. */
export class ManualTimers implements Timers {
  nowMs = 1_000_000;
  #due: { atMs: number; run: () => void }[] = [];

  after(ms: number, run: () => void): () => void {
    const entry = { atMs: this.nowMs + ms, run };
    this.#due.push(entry);
    return () => {
      this.#due = this.#due.filter((other) => other !== entry);
    };
  }

  get pending(): number {
    return this.#due.length;
  }

  /** Runs what falls due, in order, and lets promises settle after each. */
  async advance(ms: number): Promise<void> {
    await settle();
    const endMs = this.nowMs + ms;
    for (;;) {
      const [next] = this.#due.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
      if (!next) break;
      this.nowMs = next.atMs;
      this.#due = this.#due.filter((other) => other !== next);
      next.run();
      await settle();
    }
    this.nowMs = endMs;
    await settle();
  }
}

/** Lets everything that is already decided happen. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
