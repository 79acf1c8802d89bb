import { type Head, lastIdOf } from './head.ts';

/**
 * How long an event may take from its instant to its commit, and by how much the clocks of an organization's hosts may
 * differ. An event that claims to be older than what had settled by then was put there afterwards.
 */
export const LATE_MS = 5 * 60_000;

/** Tells events that were added afterwards, with an instant or a number of the past, and then sealed with the rest. */
export class Lateness {
  readonly #recent: { readonly sealedAtMs: number; readonly lastId: number }[] = [];
  #settledAt = '';
  #settledId = 0;
  #candidate = '';

  /** Takes note of the head whose events come next. */
  begin(head: Head): void {
    this.#settle(Date.parse(head.sealedAt));
    this.#settledAt = this.#candidate;
    const settledAt = new Date(Date.parse(head.settledAt) - LATE_MS).toISOString();
    if (settledAt > this.#candidate) this.#candidate = settledAt;
    this.#recent.push({ sealedAtMs: Date.parse(head.sealedAt), lastId: lastIdOf(head) });
  }

  /** What comes next was not sealed when it was exported. */
  beginUnsealed(exportedAt: string): void {
    this.#settle(Date.parse(exportedAt));
    this.#settledAt = this.#candidate;
  }

  /** Ids that were given out by a head some minutes ago are not given out again. */
  #settle(nowMs: number): void {
    for (
      let first = this.#recent[0];
      first !== undefined && first.sealedAtMs < nowMs - LATE_MS;
      first = this.#recent[0]
    ) {
      this.#settledId = Math.max(this.#settledId, first.lastId);
      this.#recent.shift();
    }
  }

  isLate(event: { readonly at: string; readonly id: number }): boolean {
    return event.at < this.#settledAt || event.id <= this.#settledId;
  }
}
