import type { Provider, Slot } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { seatsWords } from '../../text/booking.ts';
import type { FreeDay, ProviderTimes } from '../../text/slots.ts';
import { clockThere, clockTime, dayName, readsTheSame } from '../../text/time.ts';

/** Two rows on a phone; the rest is a press away, so that the way to the next day stays short. */
const SHOWN_AT_FIRST = 6;

interface DayProps {
  now: number;
  zone: string;
  first: { provider: Provider; slot: Slot } | undefined;
  busy: boolean;
  onPick: (provider: Provider, slot: Slot) => void;
}

export const DayOfTimes = ({ day, ...props }: DayProps & { day: FreeDay }): JSX.Element => {
  const headingId = `day-${day.date}`;
  const dayWords = dayName(day.providers[0]?.slots[0]?.startsAt ?? '', props.now, props.zone);
  return (
    <section class="free-day" aria-labelledby={headingId} data-testid="book-day" data-date={day.date}>
      <h2 id={headingId}>{dayWords}</h2>
      {day.providers.map((times) => (
        <TimesOf key={times.provider.id} times={times} dayWords={dayWords} {...props} />
      ))}
    </section>
  );
};

const TimesOf = (props: DayProps & { times: ProviderTimes; dayWords: string }): JSX.Element => {
  const { times, dayWords, zone, first, busy } = props;
  const { provider, slots } = times;
  const [all, setAll] = useState(false);
  const list = useRef<HTMLUListElement>(null);
  // The button that showed the rest is gone: the focus goes to the first of it.
  useLayoutEffect(() => {
    if (all) list.current?.querySelectorAll('button')[SHOWN_AT_FIRST]?.focus();
  }, [all]);
  const shown = all ? slots : slots.slice(0, SHOWN_AT_FIRST);
  const [earliest] = slots;
  return (
    <div class="free-day__provider">
      <h3>
        {provider.displayName} <span class="soft small">{provider.specialty}</span>
      </h3>
      {earliest && !readsTheSame(earliest.startsAt, zone, provider.timeZone) && (
        <p class="soft small">
          {clockTime(earliest.startsAt, zone)} for you is {clockThere(earliest.startsAt, zone, provider.timeZone)}{' '}
          there.
        </p>
      )}
      <ul class="times" ref={list}>
        {shown.map((slot) => {
          const isFirst = first?.slot === slot && first.provider === provider;
          const notes = [...(isFirst ? ['first free'] : []), ...(slot.group ? [seatsWords(slot.group.seatsLeft)] : [])];
          return (
            <li key={slot.startsAt}>
              <button
                type="button"
                class={`time-button numeric${isFirst ? ' time-button--first' : ''}`}
                data-testid="book-slot"
                data-starts-at={slot.startsAt}
                data-provider-id={provider.id}
                aria-disabled={busy}
                onClick={() => !busy && props.onPick(provider, slot)}
              >
                {clockTime(slot.startsAt, zone)}
                {notes.map((note) => (
                  <span key={note} class="time-button__note">
                    {note}
                  </span>
                ))}
                <span class="visually-hidden">
                  , {dayWords} with {provider.displayName}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
      {!all && slots.length > SHOWN_AT_FIRST && (
        <button
          type="button"
          class="button button--quiet free-day__rest"
          data-testid="book-more-times"
          onClick={() => setAll(true)}
        >
          {slots.length === SHOWN_AT_FIRST + 1 ? 'One more time' : `${slots.length - SHOWN_AT_FIRST} more times`}
          <span class="visually-hidden">
            {' '}
            on {dayWords} with {provider.displayName}
          </span>
        </button>
      )}
    </div>
  );
};
