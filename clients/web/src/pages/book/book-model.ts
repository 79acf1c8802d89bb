import {
  type AdditionalPerson,
  type Appointment,
  type BookRequest,
  HOLD_MINUTES,
  type Hold,
  type HoldId,
  type HoldRequest,
  type IntakeAnswers,
  type PayerId,
  type Provider,
  type Slot,
  type VisitProvider,
  type VisitType,
} from '@bedside/protocol';
import { signal } from '@preact/signals';
import { Decisions } from '../../api/decisions.ts';
import { type ApiError, apiErrorOf, isLost } from '../../api/http.ts';
import { type Persistence, persist } from '../../api/persist.ts';
import type { Once } from '../../api/scheduling-api.ts';
import { clockLag } from '../../text/held.ts';

const HOLD_MS = HOLD_MINUTES * 60_000;

export type BookStep = 'find' | 'times' | 'wait' | 'held' | 'booked';

/** What somebody looks for. */
export interface Wish {
  readonly visitType: VisitType;
  /** Absent: whoever is free, of the specialty where one is named. */
  readonly provider?: VisitProvider | undefined;
  readonly specialty?: string | undefined;
  /** Where the patient will be. */
  readonly region?: string | undefined;
  readonly payerId?: PayerId | undefined;
  /** Who joins beside the provider; nobody where it is absent. */
  readonly additional?: readonly AdditionalPerson[];
  /** Times for a session that is yet to be set up, not seats in those that there are. */
  readonly isNewSession?: true;
}

/** A hold, and whether it is over. */
export interface Kept {
  readonly hold: Hold;
  /** See `clockLag`. */
  readonly lagMs: number;
  readonly over: boolean;
}

/** What the page waits for. */
export type Waiting = 'hold' | 'extend' | 'book';

/** What of core the flow needs. */
export interface BookApi {
  holdSlot(request: HoldRequest, how: Once): Promise<Hold>;
  extendHold(hold: { id: HoldId; token: string }, how: Once): Promise<Hold>;
  releaseHold(hold: { id: HoldId; token: string }): Promise<undefined>;
  book(request: BookRequest, how: Once): Promise<Appointment>;
}

interface Dependencies {
  readonly api: BookApi;
  /** Told of each refusal, for what is not of booking: a session that ran out. */
  readonly onRefused?: (error: ApiError) => void;
  readonly now?: () => number;
  readonly persistence?: Persistence;
}

/** Refusals after which the time is no longer worth showing. */
const GONE: ReadonlySet<string> = new Set([
  'slot_taken',
  'slot_unavailable',
  'slot_too_soon',
  'slot_too_far',
  'session_full',
]);

/**
 * The way from a wish to a booked visit, as signals: find, pick (which holds the time), answer, confirm. Whoever leaves
 * on the way lets the time go. Made when the page opens, closed when it goes.
 */
export class BookModel {
  readonly step = signal<BookStep>('find');
  readonly wish = signal<Wish | undefined>(undefined);
  readonly kept = signal<Kept | undefined>(undefined);
  readonly booked = signal<Appointment | undefined>(undefined);
  /** Kept while another time is picked. */
  readonly answers = signal<IntakeAnswers>({});
  readonly waiting = signal<Waiting | undefined>(undefined);
  /** The last answer was lost and the request is being sent again. */
  readonly lost = signal(false);
  /** Why it did not work, one sentence. */
  readonly problem = signal('');
  /** Starts that were refused: `<provider id> <start>`. */
  readonly gone = signal<ReadonlySet<string>>(new Set());
  /** Let go here, whether or not core knows it already. */
  readonly dropped = new Set<HoldId>();
  readonly #api: BookApi;
  readonly #onRefused: (error: ApiError) => void;
  readonly #now: () => number;
  readonly #persistence: Persistence;
  readonly #decisions = new Decisions();
  #closed = false;

  constructor({ api, onRefused = () => undefined, now = Date.now, persistence = {} }: Dependencies) {
    this.#api = api;
    this.#onRefused = onRefused;
    this.#now = now;
    this.#persistence = persistence;
  }

  /** Another kind of visit has other questions: answers go. */
  look(wish: Wish): void {
    if (this.wish.peek()?.visitType.id !== wish.visitType.id) this.answers.value = {};
    this.wish.value = wish;
    this.gone.value = new Set();
    this.#show('times');
  }

  /** Goes to a step; leaving a held time lets it go. */
  goTo(step: BookStep): void {
    if (step !== 'held') this.letGo();
    if (step === 'held' && !this.kept.peek()) return this.#show(this.wish.peek() ? 'times' : 'find');
    if ((step === 'times' || step === 'wait') && !this.wish.peek()) return this.#show('find');
    this.#show(step === 'booked' && !this.booked.peek() ? 'find' : step);
  }

  /** Takes up a hold that was made before. */
  resume(hold: Hold): void {
    this.wish.value = { visitType: hold.visitType, provider: hold.provider };
    this.kept.value = { hold, lagMs: 0, over: false };
    this.#show('held');
  }

  async pick(provider: Provider, slot: Slot): Promise<void> {
    const wish = this.wish.peek();
    if (!wish || this.waiting.peek()) return;
    const askedAtMs = this.#now();
    const request: HoldRequest = {
      providerId: provider.id,
      visitTypeId: wish.visitType.id,
      startsAt: slot.startsAt,
      // A session has its people already.
      additional: slot.group ? [] : [...(wish.additional ?? [])],
      ...(wish.region && { region: wish.region }),
      ...(wish.payerId && { payerId: wish.payerId }),
      ...(slot.group && { groupAppointmentId: slot.group.appointmentId }),
    };
    const hold = await this.#decide('hold', JSON.stringify(request), (how) => this.#api.holdSlot(request, how));
    if (hold instanceof Error) {
      if (GONE.has(hold.code)) this.gone.value = new Set([...this.gone.peek(), slotKey(provider, slot)]);
      return;
    }
    const lagMs = clockLag({ expiresAt: hold.expiresAt, lifeMs: HOLD_MS, askedAtMs });
    this.kept.value = { hold, lagMs, over: false };
    // Who left while the answer was on its way does not want it any more.
    if (this.#closed || this.step.peek() !== 'times') return this.letGo();
    this.#show('held');
  }

  async extend(): Promise<void> {
    const kept = this.kept.peek();
    if (!kept || kept.over || !kept.hold.extendable || this.waiting.peek()) return;
    const hold = await this.#decide('extend', kept.hold.id, (how) => this.#api.extendHold(kept.hold, how));
    if (hold instanceof Error) return this.#endIfOver(hold);
    this.kept.value = { ...kept, hold };
  }

  async book(answers: IntakeAnswers): Promise<void> {
    const kept = this.kept.peek();
    if (!kept || kept.over || this.waiting.peek()) return;
    this.answers.value = answers;
    const request = { holdId: kept.hold.id, token: kept.hold.token, answers };
    const booked = await this.#decide('book', JSON.stringify(request), (how) => this.#api.book(request, how));
    if (booked instanceof Error) return this.#endIfOver(booked);
    this.kept.value = undefined;
    this.booked.value = booked;
    this.answers.value = {};
    this.#show('booked');
  }

  /** The hold's time has passed. A confirmation that is on its way may still be in time. */
  expire(): void {
    const kept = this.kept.peek();
    if (kept && this.waiting.peek() !== 'book') this.kept.value = { ...kept, over: true };
  }

  /** Somebody else may have the time. Says nothing where it does not arrive: the hold ends by itself. */
  letGo(): void {
    const kept = this.kept.peek();
    this.kept.value = undefined;
    if (!kept) return;
    this.dropped.add(kept.hold.id);
    if (!kept.over) void this.#api.releaseHold(kept.hold).catch(() => undefined);
  }

  /** The browser leaves the page, and may come back to it as it was. What is being booked stays. */
  abandon(): void {
    const kept = this.kept.peek();
    if (!kept || this.waiting.peek() === 'book') return;
    this.letGo();
    this.kept.value = { ...kept, over: true };
  }

  /** The page goes. What is being booked stays. */
  close(): void {
    this.#closed = true;
    if (this.waiting.peek() !== 'book') this.letGo();
  }

  #show(step: BookStep): void {
    this.problem.value = '';
    this.step.value = step;
  }

  #endIfOver(error: ApiError): void {
    const kept = this.kept.peek();
    if (!kept) return;
    const hasPassed = Date.parse(kept.hold.expiresAt) <= this.#now() + kept.lagMs;
    if (hasPassed || error.code === 'hold_over' || error.code === 'hold_unknown')
      this.kept.value = { ...kept, over: true };
  }

  async #decide<Result>(
    waiting: Waiting,
    what: string,
    send: (how: Once) => Promise<Result>,
  ): Promise<Result | ApiError> {
    const key = this.#decisions.keyFor(`${waiting} ${what}`);
    this.waiting.value = waiting;
    this.problem.value = '';
    try {
      const onLost = () => {
        this.lost.value = true;
      };
      const result = await persist((signal) => send({ key, signal }), { ...this.#persistence, onLost });
      this.#decisions.answered();
      return result;
    } catch (cause) {
      const error = apiErrorOf(cause);
      if (!isLost(error)) this.#decisions.answered();
      this.#onRefused(error);
      this.problem.value = error.message;
      return error;
    } finally {
      this.waiting.value = undefined;
      this.lost.value = false;
    }
  }
}

/** A provider's start, as `gone` names it. */
export const slotKey = (provider: { readonly id: string }, slot: { readonly startsAt: string }): string =>
  `${provider.id} ${slot.startsAt}`;
