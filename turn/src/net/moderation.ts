/** Below so many packets a millisecond every packet goes on at once. */
const BUSY_PER_MS = 15;
/** A turn of the loop that handles as many has used its wake-ups well. */
const TARGET_PACKETS = 64;
const MAX_PAUSE_MS = 0.4;
/** Weight of the last turn in the rate. */
const SMOOTHING = 0.1;

/**
 * Interrupt moderation for a packet loop: each turn of the event loop has costs of its own (waking up, one read for
 * each socket, one write for each client), so under load it pays to let some packets gather before the next turn. A
 * loop that has all hands full is not held up: its turns are full anyway.
 */
export class Moderation {
  #perMs = 0;
  #lastAt: number;

  /** Instants are ms of any clock that does not jump. */
  constructor(now: number) {
    this.#lastAt = now;
  }

  /** To be called behind a turn that has handled so many packets: how long to wait before the next, in ms. */
  pauseMs(packets: number, now: number): number {
    const elapsed = Math.max(now - this.#lastAt, 0.001);
    this.#lastAt = now;
    // What happened a while ago counts less, however few turns there were since.
    const weight = Math.min(1, Math.max(SMOOTHING, elapsed / 10));
    this.#perMs += (packets / elapsed - this.#perMs) * weight;
    if (this.#perMs < BUSY_PER_MS || packets >= TARGET_PACKETS) return 0;
    return Math.min(MAX_PAUSE_MS, (TARGET_PACKETS - packets) / this.#perMs);
  }
}
