import { type CoreContext, nowOf } from '../context.ts';
import { reachedByHorizon } from './horizon-store.ts';
import type { Offers } from './offers.ts';

/** Whoever starts looks back so far; what was offered then is taken by now, and nobody is offered a start twice. */
const LOOK_BACK_MS = 60 * 60_000;

/**
 * Has time offered that has come near enough to be booked: a visit type's horizon moves on by itself, and nothing
 * happens that would tell of it. Asked every minute.
 */
export class HorizonWatch {
  readonly #context: CoreContext;
  readonly #offers: Pick<Offers, 'offer'>;
  #seenUntil: Date;

  constructor({ context, offers }: { context: CoreContext; offers: Pick<Offers, 'offer'> }) {
    this.#context = context;
    this.#offers = offers;
    this.#seenUntil = new Date(context.clock() - LOOK_BACK_MS);
  }

  async look(signal: AbortSignal): Promise<void> {
    const until = nowOf(this.#context);
    const { db } = this.#context.database.asSystem('waitlist');
    for (const reached of await reachedByHorizon(db, { after: this.#seenUntil, until })) {
      if (signal.aborted) return;
      await this.#offers.offer(reached);
    }
    this.#seenUntil = until;
  }
}
