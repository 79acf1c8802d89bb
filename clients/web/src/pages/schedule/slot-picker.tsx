import type { Provider, Slot, SlotDay } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type ApiError, apiErrorOf } from '../../api/http.ts';
import { persist } from '../../api/persist.ts';
import { fetchSlots, type SlotSearch } from '../../api/scheduling-api.ts';
import { noteSignedOut } from '../../session.ts';
import { freeDays } from '../../text/slots.ts';
import { clockTime, dayName, zoneName } from '../../text/time.ts';
import { instantOf, isoInstant, wallClock } from '../../text/zoned.ts';
import { Field } from '../../ui/field.tsx';
import { Loading, Notice } from '../../ui/notice.tsx';
import './slot-picker.css';

const DAY_MS = 86_400_000;
const WINDOW_DAYS = 14;
/** Empty pages passed over before somebody is asked whether to look on. */
const MAX_EMPTY_PAGES = 4;

export type SlotFilter = Omit<SlotSearch, 'from' | 'to' | 'zone' | 'cursor' | 'limit'>;

interface Found {
  readonly days: readonly SlotDay[];
  /** Where looking goes on. */
  readonly next: { readonly fromMs: number; readonly cursor?: string } | undefined;
  readonly busy: boolean;
  readonly error: ApiError | undefined;
}

const lookOn = async (
  filter: SlotFilter,
  timeZone: string,
  start: { fromMs: number; cursor?: string },
): Promise<Pick<Found, 'days' | 'next'>> => {
  let at = start;
  for (let page = 0; ; page += 1) {
    const { fromMs, cursor } = at;
    const answer = await persist((signal) =>
      fetchSlots(
        {
          ...filter,
          from: isoInstant(fromMs),
          to: isoInstant(fromMs + WINDOW_DAYS * DAY_MS),
          zone: timeZone,
          ...(cursor !== undefined && { cursor }),
        },
        signal,
      ),
    );
    at = answer.next === undefined ? { fromMs: fromMs + WINDOW_DAYS * DAY_MS } : { fromMs, cursor: answer.next };
    if (answer.days.length > 0 || page >= MAX_EMPTY_PAGES) return { days: answer.days, next: at };
  }
};

const useSlots = (filter: SlotFilter, timeZone: string, fromMs: number) => {
  const [found, setFound] = useState<Found>({ days: [], next: undefined, busy: true, error: undefined });
  const turn = useRef(0);
  const load = async (start: { fromMs: number; cursor?: string }, before: readonly SlotDay[]) => {
    const mine = ++turn.current;
    setFound({ days: before, next: undefined, busy: true, error: undefined });
    try {
      const { days, next } = await lookOn(filter, timeZone, start);
      if (mine === turn.current) setFound({ days: [...before, ...days], next, busy: false, error: undefined });
    } catch (cause) {
      const error = apiErrorOf(cause);
      if (mine === turn.current && !noteSignedOut(error)) {
        setFound({ days: before, next: start, busy: false, error });
      }
    }
  };
  const key = JSON.stringify([filter, fromMs]);
  useEffect(() => {
    void load({ fromMs }, []);
    return () => {
      turn.current += 1;
    };
  }, [key]);
  const later = () => found.next && void load(found.next, found.days);
  return { found, later, reload: () => void load({ fromMs }, []) };
};

/** Free times by the viewer's days, from a date on, for somebody who books for others. */
export const SlotPicker = (props: {
  filter: SlotFilter;
  timeZone: string;
  now: number;
  picked?: string | undefined;
  /** Another number: what is shown has changed, look again. */
  round?: number;
  onPick: (slot: Slot, provider: Provider) => void;
}): JSX.Element => {
  const { timeZone } = props;
  const [openedMs] = useState(props.now);
  const today = wallClock(openedMs, timeZone).date;
  const [date, setDate] = useState(today);
  const fromMs = date > today ? instantOf(date, '00:00', timeZone) : openedMs;
  const { found, later, reload } = useSlots(props.filter, timeZone, fromMs);
  const round = useRef(props.round);
  useEffect(() => {
    if (round.current !== props.round) reload();
    round.current = props.round;
  }, [props.round]);
  const days = freeDays(found.days, timeZone);
  return (
    <div class="slots" data-testid="slot-picker">
      <div class="slots__from">
        <Field label={`From (times are in ${zoneName(timeZone)})`}>
          <input
            type="date"
            class="input"
            min={today}
            value={date}
            onChange={(event) => setDate(event.currentTarget.value || today)}
          />
        </Field>
      </div>
      {found.error && <Notice tone="danger">{found.error.message}</Notice>}
      {days.map((day) => (
        <section key={day.date} class="slots__day">
          <h4>{dayName(day.providers[0]?.slots[0]?.startsAt ?? '', openedMs, timeZone)}</h4>
          {day.providers.map(({ provider, slots }) => (
            <div key={provider.id} class="slots__provider">
              <p class="soft small">
                {provider.displayName}, {provider.specialty}
                {provider.timeZone !== timeZone && ` (keeps ${zoneName(provider.timeZone)})`}
              </p>
              <ul class="slots__times">
                {slots.map((slot) => (
                  <li key={slot.startsAt}>
                    <button
                      type="button"
                      class="slot numeric"
                      aria-pressed={`${provider.id} ${slot.startsAt}` === props.picked}
                      aria-label={`${clockTime(slot.startsAt, timeZone)} with ${provider.displayName}${
                        slot.group ? `, ${slot.group.seatsLeft} seats left` : ''
                      }`}
                      data-testid="slot"
                      data-starts-at={slot.startsAt}
                      onClick={() => props.onPick(slot, provider)}
                    >
                      {clockTime(slot.startsAt, timeZone)}
                      {slot.group && <span class="slot__seats">{slot.group.seatsLeft} left</span>}
                    </button>
                  </li>
                ))}
              </ul>
            </div>
          ))}
        </section>
      ))}
      {found.busy && <Loading words="Looking up free times…" />}
      {!found.busy && days.length === 0 && !found.error && <p class="soft">No free time was found so far.</p>}
      {found.next && (
        <p>
          <button type="button" class="button button--secondary" data-testid="slots-later" onClick={later}>
            Show later times
          </button>
        </p>
      )}
    </div>
  );
};
