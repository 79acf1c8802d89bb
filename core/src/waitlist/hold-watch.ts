import { type CoreContext, nowOf } from '../context.ts';
import { Pump } from '../jobs/pump.ts';
import { nextLapse } from './offer-store.ts';
import type { Offers } from './offers.ts';

/** Many holds are made in a second; one look tells of all of them. */
const SPACING_MS = 250;
/** Whoever starts looks back so far: longer than a hold lasts, less than its row is kept. */
const LOOK_BACK_MS = 30 * 60_000;
/** A hold of another process may end before what is known here. */
const LOOK_AGAIN_MS = 60_000;

/**
 * Has the time of a hold that nobody booked offered to those who wait, at the moment when it lapses. Nothing depends on
 * it: the time is everybody's by then, and what one process misses another one, or the next look, finds.
 */
export class HoldWatch {
  readonly #context: CoreContext;
  readonly #offers: Pick<Offers, 'offerLapsedHolds'>;
  readonly #pump: Pump;
  #seenUntil: Date;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor({ context, offers }: { context: CoreContext; offers: Pick<Offers, 'offerLapsedHolds'> }) {
    this.#context = context;
    this.#offers = offers;
    this.#seenUntil = new Date(context.clock() - LOOK_BACK_MS);
    this.#pump = new Pump({
      work: () => this.#look(),
      spacingMs: SPACING_MS,
      onError: (error) => context.events.failed({ error, subject: 'lapsed-holds' }),
    });
  }

  /** Something was held. */
  wake(): void {
    this.#pump.wake();
  }

  settle(): Promise<void> {
    return this.#pump.settle();
  }

  async #look(): Promise<void> {
    const until = nowOf(this.#context);
    await this.#offers.offerLapsedHolds({ after: this.#seenUntil, until });
    this.#seenUntil = until;
    const next = await nextLapse(this.#context.database.asSystem('waitlist').db, until);
    if (this.#isClosed) return;
    clearTimeout(this.#timer);
    const dueInMs = next === undefined ? LOOK_AGAIN_MS : next.getTime() - this.#context.clock();
    this.#timer = setTimeout(() => this.#pump.wake(), Math.min(Math.max(dueInMs, 0), LOOK_AGAIN_MS));
    this.#timer.unref();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#pump.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
