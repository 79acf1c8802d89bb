/** One packet in so many says when it was sent; the others carry zero. */
const SAMPLE_EVERY = 16;
const MAX_SAMPLES = 200_000;
/** What a packet carries first: the run it belongs to, then the instant it was sent or zero. */
const RUN_AT = 0;
const SENT_AT = 4;

/** Counts the packets of one run on both ends, and takes the delay of some. Packets of earlier runs are not counted. */
export class Meter {
  readonly #run: number;
  readonly #delays: number[] = [];
  sent = 0;
  received = 0;

  constructor(run: number) {
    this.#run = run;
  }

  /** Marks a packet that is about to leave. */
  stamp(data: Buffer, start: number): void {
    const isSample = this.sent % SAMPLE_EVERY === 0 && this.#delays.length < MAX_SAMPLES;
    data.writeUInt32LE(this.#run, start + RUN_AT);
    data.writeDoubleLE(isSample ? performance.now() : 0, start + SENT_AT);
    this.sent += 1;
  }

  take(data: Buffer): void {
    if (data.length < SENT_AT + 8 || data.readUInt32LE(RUN_AT) !== this.#run) return;
    this.received += 1;
    const sentAt = data.readDoubleLE(SENT_AT);
    if (sentAt > 0) this.#delays.push(performance.now() - sentAt);
  }

  /** Delay that so large a share of the packets stayed below, in ms. */
  percentile(share: number): number {
    const ascending = Float64Array.from(this.#delays).sort();
    return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? 0;
  }
}
