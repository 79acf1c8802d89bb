import type { Provider, Slot, VisitType } from '@bedside/protocol';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { book, fetchProviders, fetchSlots, fetchVisitTypes } from '../api/core-api.ts';
import { apiErrorOf } from '../api/http.ts';
import { useLoaded } from '../hooks/use-loaded.ts';
import { useTitle } from '../hooks/use-title.ts';
import { HOME } from '../routes.ts';
import { me, noteSignedOut } from '../session.ts';
import { groupByDay } from '../text/slots.ts';
import { clockTime, dayName, zoneName } from '../text/time.ts';
import { initials } from '../text/visits.ts';
import { Frame } from '../ui/frame.tsx';
import { Icon } from '../ui/icons.tsx';
import { Loading, Notice } from '../ui/notice.tsx';
import './book-page.css';

const SEARCH_DAYS = 14;
const DAY_MS = 86_400_000;

/** Who, when, sure? One page, each step under the one before, nothing hidden. */
export const BookPage = (): JSX.Element => {
  useTitle('Book a visit');
  const people = useLoaded(() => Promise.all([fetchProviders(), fetchVisitTypes()]));
  const [provider, setProvider] = useState<Provider>();
  const [visitType, setVisitType] = useState<VisitType>();
  const [providers, visitTypes] = people.value ?? [];
  const type = visitType ?? visitTypes?.[0];
  return (
    <Frame narrow>
      <div class="book">
        <div class="stack">
          <a class="button button--quiet book__back" href={HOME}>
            <Icon name="back" /> Your visits
          </a>
          <h1>Book a visit</h1>
        </div>
        {people.error && <Notice tone="danger">{people.error.message}</Notice>}
        {!people.value && !people.error && <Loading words="Looking up who is there…" />}
        {visitTypes && visitTypes.length > 1 && (
          <Choices legend="What is it about?">
            {visitTypes.map((one) => (
              <Choice
                key={one.id}
                name="visit-type"
                testId="book-visit-type"
                checked={one.id === type?.id}
                onPick={() => setVisitType(one)}
              >
                <strong>{one.name}</strong>
                <span class="soft small">{one.durationMinutes} minutes</span>
              </Choice>
            ))}
          </Choices>
        )}
        {providers && (
          <Choices legend="Whom would you like to see?">
            {providers.length === 0 && <p class="soft">Nobody can be booked at the moment. Please call the clinic.</p>}
            {providers.map((one) => (
              <Choice
                key={one.id}
                name="provider"
                testId="book-provider"
                checked={one.id === provider?.id}
                onPick={() => setProvider(one)}
              >
                <span class="avatar" aria-hidden="true">
                  {initials(one.displayName)}
                </span>
                <span class="choice__words">
                  <strong>{one.displayName}</strong>
                  <span class="soft small">{one.specialty}</span>
                </span>
              </Choice>
            ))}
          </Choices>
        )}
        {provider && type && <Times key={`${provider.id} ${type.id}`} provider={provider} visitType={type} />}
      </div>
    </Frame>
  );
};

const Choices = ({ legend, children }: { legend: string; children: ComponentChildren }): JSX.Element => (
  <fieldset class="choices">
    <legend>{legend}</legend>
    {children}
  </fieldset>
);

const Choice = (props: {
  name: string;
  testId: string;
  checked: boolean;
  onPick: () => void;
  children: JSX.Element | JSX.Element[];
}): JSX.Element => (
  <label class="choice">
    <input type="radio" name={props.name} checked={props.checked} onChange={props.onPick} data-testid={props.testId} />
    {props.children}
  </label>
);

const Times = ({ provider, visitType }: { provider: Provider; visitType: VisitType }): JSX.Element => {
  const zone = me.value?.timeZone ?? 'UTC';
  const [from] = useState(() => Date.now());
  const slots = useLoaded(() =>
    fetchSlots({
      providerId: provider.id,
      visitTypeId: visitType.id,
      from: new Date(from).toISOString(),
      to: new Date(from + SEARCH_DAYS * DAY_MS).toISOString(),
    }),
  );
  const days = groupByDay(slots.value ?? [], zone);
  const [date, setDate] = useState<string>();
  const [slot, setSlot] = useState<Slot>();
  const day = days.find((one) => one.date === date) ?? days[0];
  return (
    <>
      {slots.error && <Notice tone="danger">{slots.error.message}</Notice>}
      {!slots.value && !slots.error && <Loading words="Looking up free times…" />}
      {slots.value && days.length === 0 && (
        <Notice>
          {provider.displayName} has no free time in the next {SEARCH_DAYS} days.
        </Notice>
      )}
      {day && (
        <fieldset class="choices">
          <legend>When? Times are in {zoneName(zone)}.</legend>
          <ul class="days">
            {days.map((one) => (
              <li key={one.date}>
                <button
                  type="button"
                  class="day-button"
                  aria-pressed={one.date === day.date}
                  data-testid="book-day"
                  data-date={one.date}
                  onClick={() => {
                    setDate(one.date);
                    setSlot(undefined);
                  }}
                >
                  {dayName(one.slots[0]?.startsAt ?? '', from, zone)}
                </button>
              </li>
            ))}
          </ul>
          <ul class="times">
            {day.slots.map((one) => (
              <li key={one.startsAt}>
                <button
                  type="button"
                  class="time-button numeric"
                  aria-pressed={one.startsAt === slot?.startsAt}
                  data-testid="book-slot"
                  data-starts-at={one.startsAt}
                  onClick={() => setSlot(one)}
                >
                  {clockTime(one.startsAt, zone)}
                </button>
              </li>
            ))}
          </ul>
        </fieldset>
      )}
      {slot && (
        <Confirm
          key={slot.startsAt}
          provider={provider}
          visitType={visitType}
          slot={slot}
          onTaken={() => {
            setSlot(undefined);
            slots.reload();
          }}
        />
      )}
    </>
  );
};

const Confirm = (props: { provider: Provider; visitType: VisitType; slot: Slot; onTaken: () => void }): JSX.Element => {
  const { provider, visitType, slot } = props;
  const { route } = useLocation();
  const zone = me.value?.timeZone ?? 'UTC';
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  // One decision, one key: pressing again after a lost answer books nothing twice.
  const [key] = useState(() => crypto.randomUUID());
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    button.current?.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
  }, []);
  const confirm = async () => {
    setBusy(true);
    setProblem('');
    try {
      await book({ providerId: provider.id, visitTypeId: visitType.id, startsAt: slot.startsAt }, key);
      route(HOME);
    } catch (cause) {
      const error = apiErrorOf(cause);
      noteSignedOut(error);
      setProblem(error.message);
      setBusy(false);
      if (error.code === 'slot_taken') props.onTaken();
    }
  };
  return (
    <section class="card stack" aria-label="Confirm">
      <h2>
        {dayName(slot.startsAt, Date.now(), zone)} at {clockTime(slot.startsAt, zone)}
      </h2>
      <p>
        {visitType.name} with {provider.displayName}, by video, {visitType.durationMinutes} minutes.
      </p>
      {problem && <Notice tone="danger">{problem}</Notice>}
      <button
        ref={button}
        type="button"
        class="button button--primary button--large"
        data-testid="book-confirm"
        disabled={busy}
        onClick={() => void confirm()}
      >
        {busy ? 'Booking…' : 'Book this visit'}
      </button>
    </section>
  );
};
