import type { SlotDay, SlotPage } from '@bedside/protocol';
import { SLOT_QUERY_MAX_DAYS } from '@bedside/protocol';
import { signal } from '@preact/signals';
import { type ApiError, apiErrorOf } from '../../api/http.ts';
import { type Persistence, persist } from '../../api/persist.ts';
import type { SlotSearch as SlotQuery } from '../../api/scheduling-api.ts';

const DAY_MS = 86_400_000;
/** Pages without anything free that are passed over before somebody is asked whether to go on. */
const EMPTY_PAGES_MAX = 6;

export type SearchState = 'looking' | 'found' | 'failed';

export interface SearchOptions {
  readonly fetchSlots: (query: SlotQuery, signal: AbortSignal) => Promise<SlotPage>;
  /** What stays the same from page to page. */
  readonly query: Omit<SlotQuery, 'from' | 'to' | 'cursor'>;
  readonly fromMs: number;
  /** No further than this. */
  readonly untilMs: number;
  readonly persistence?: Persistence;
  readonly onRefused?: (error: ApiError) => void;
}

/** The free times from a day on, page by page and window by window, up to the booking horizon. */
export class SlotSearch {
  readonly days = signal<readonly SlotDay[]>([]);
  readonly state = signal<SearchState>('looking');
  readonly error = signal<ApiError | undefined>(undefined);
  readonly lost = signal(false);
  /** Whether there may be later ones. */
  readonly hasMore = signal(true);
  readonly #options: SearchOptions;
  readonly #closing = new AbortController();
  #windowFromMs: number;
  #cursor: string | undefined;
  #busy = false;

  constructor(options: SearchOptions) {
    this.#options = options;
    this.#windowFromMs = options.fromMs;
  }

  /** The next page that has something free, or the end. Does nothing while one is on its way. */
  async later(): Promise<void> {
    if (this.#busy || !this.hasMore.peek()) return;
    this.#busy = true;
    this.state.value = 'looking';
    this.error.value = undefined;
    try {
      for (let page = 0; page < EMPTY_PAGES_MAX && this.hasMore.peek(); page += 1) {
        const found = await this.#page();
        if (found.length === 0) continue;
        this.days.value = [...this.days.peek(), ...found];
        break;
      }
      this.state.value = 'found';
    } catch (cause) {
      if (this.#closing.signal.aborted) return;
      const error = apiErrorOf(cause);
      this.#options.onRefused?.(error);
      this.error.value = error;
      this.state.value = 'failed';
    } finally {
      this.lost.value = false;
      this.#busy = false;
    }
  }

  close(): void {
    this.#closing.abort();
  }

  async #page(): Promise<readonly SlotDay[]> {
    const { query, fetchSlots, untilMs } = this.#options;
    const fromMs = this.#windowFromMs;
    const toMs = Math.min(fromMs + SLOT_QUERY_MAX_DAYS * DAY_MS, untilMs);
    if (toMs <= fromMs) {
      this.hasMore.value = false;
      return [];
    }
    const window = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
    const page = await persist(
      (signal) => fetchSlots({ ...query, ...window, ...(this.#cursor && { cursor: this.#cursor }) }, signal),
      {
        ...this.#options.persistence,
        signal: this.#closing.signal,
        onLost: () => {
          this.lost.value = true;
        },
      },
    );
    this.lost.value = false;
    this.#cursor = page.next;
    if (page.next === undefined) this.#windowFromMs = toMs;
    this.hasMore.value = page.next !== undefined || toMs < untilMs;
    return page.days.filter(({ slots }) => slots.length > 0);
  }
}
