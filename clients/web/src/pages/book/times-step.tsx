import type { Provider, Slot } from '@bedside/protocol';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { fetchSlots } from '../../api/scheduling-api.ts';
import { me, noteSignedOut } from '../../session.ts';
import { firstFree, freeDays } from '../../text/slots.ts';
import { localDate, readsTheSame, zoneName } from '../../text/time.ts';
import { addDays, instantOf, isoInstant } from '../../text/zoned.ts';
import { Loading, Notice } from '../../ui/notice.tsx';
import { slotKey, type Wish } from './book-model.ts';
import { DayOfTimes } from './day-of-times.tsx';
import { SlotSearch } from './slot-search.ts';

/** A page: with one provider a week and a half, with many the next days. */
const PROVIDER_DAYS = 10;

interface TimesProps {
  wish: Wish;
  /** Starts that were refused a moment ago; see `slotKey`. */
  gone: ReadonlySet<string>;
  /** The picked time is being asked for. */
  busy: boolean;
  onPick: (provider: Provider, slot: Slot) => void;
  /** Shown where no time suits. */
  otherwise?: ComponentChildren;
}

/** The free times from a day on, first things first. */
export const TimesStep = (props: TimesProps): JSX.Element => {
  const { wish, gone } = props;
  const zone = me.value?.timeZone ?? 'UTC';
  const [now] = useState(() => Date.now());
  const today = localDate(now, zone);
  const last = addDays(today, wish.visitType.bookingHorizonDays);
  const [date, setDate] = useState(today);
  const search = useMemo(() => searchOf({ wish, date, zone, now, last }), [wish, date]);
  useEffect(() => {
    void search.later();
    return () => search.close();
  }, [search]);

  const found = search.days.value.map((day) => ({
    ...day,
    slots: day.slots.filter((slot) => !gone.has(slotKey(day.provider, slot))),
  }));
  const days = freeDays(found, zone);
  const first = firstFree(days);
  const state = search.state.value;
  return (
    <div class="stack times-step">
      <label class="field times-step__from">
        <span class="field__label">Show times from</span>
        <input
          type="date"
          class="input"
          value={date}
          min={today}
          max={last}
          data-testid="book-from"
          onChange={(event) => {
            const { value } = event.currentTarget;
            if (value >= today && value <= last) setDate(value);
          }}
        />
      </label>
      <p class="soft">
        Times are in {zoneName(zone)}.
        {!readsTheSame(isoInstant(now), zone, deviceZone()) &&
          ` That is the zone of your account; your device is set to ${zoneName(deviceZone())}.`}
      </p>
      {days.map((day) => (
        <DayOfTimes
          key={day.date}
          day={day}
          now={now}
          zone={zone}
          first={first}
          busy={props.busy}
          onPick={props.onPick}
        />
      ))}
      <div aria-live="polite">
        {state === 'found' && days.length === 0 && (
          <Notice>
            {search.hasMore.value
              ? 'Nothing is free in these weeks.'
              : 'Nothing is free any more that can be booked already.'}
          </Notice>
        )}
        {state === 'looking' && (
          <Loading words={search.lost.value ? 'The connection is thin. Still asking…' : 'Looking up free times…'} />
        )}
      </div>
      {state === 'failed' && <Notice tone="danger">{search.error.value?.message}</Notice>}
      {(state === 'failed' || search.hasMore.value) && state !== 'looking' && (
        <p>
          <button
            type="button"
            class="button button--secondary"
            data-testid="book-later"
            onClick={() => void search.later()}
          >
            {state === 'failed' ? 'Try again' : 'Show later times'}
          </button>
        </p>
      )}
      {state !== 'looking' && props.otherwise}
    </div>
  );
};

/** Where the device believes to be: somebody who travels is told that it is not what the page goes by. */
const deviceZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

const searchOf = (options: { wish: Wish; date: string; zone: string; now: number; last: string }): SlotSearch => {
  const { wish, date, zone, now, last } = options;
  return new SlotSearch({
    fetchSlots,
    query: {
      visitTypeId: wish.visitType.id,
      limit: PROVIDER_DAYS,
      zone,
      ...(wish.provider && { providerId: wish.provider.id }),
      ...(!wish.provider && wish.specialty && { specialty: wish.specialty }),
      ...(wish.region && { state: wish.region }),
      ...(wish.payerId && { payerId: wish.payerId }),
      ...(wish.additional?.length && { withProviderIds: wish.additional.map(({ personId }) => personId).join(',') }),
      ...(wish.isNewSession && { newSession: 'yes' }),
    },
    fromMs: Math.max(now, instantOf(date, '00:00', zone)),
    untilMs: instantOf(addDays(last, 1), '00:00', zone),
    onRefused: noteSignedOut,
  });
};
