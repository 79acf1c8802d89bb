import type { WaitlistEntry, WaitlistRequest } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { joinWaitlist } from '../../api/scheduling-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { me } from '../../session.ts';
import { localDate } from '../../text/time.ts';
import { waitlistWords } from '../../text/waitlist.ts';
import { addDays, instantOf, isoInstant } from '../../text/zoned.ts';
import { Notice } from '../../ui/notice.tsx';
import { useActing, usePatientPaths } from '../acting/acting.ts';
import type { Wish } from './book-model.ts';
import { SubmitButton } from './submit-button.tsx';

const WINDOW_DAYS = 14;

/** Nothing suited: wait for a time between two days that somebody gives back. */
export const WaitStep = ({ wish, onBack }: { wish: Wish; onBack: () => void }): JSX.Element => {
  const zone = me.value?.timeZone ?? 'UTC';
  const acting = useActing();
  const { home } = usePatientPaths();
  const today = localDate(Date.now(), zone);
  const last = addDays(today, wish.visitType.bookingHorizonDays);
  const [from, setFrom] = useState(today);
  const [until, setUntil] = useState(() => [addDays(today, WINDOW_DAYS), last].sort()[0] ?? last);
  const [isReversed, setReversed] = useState(false);
  const [entry, setEntry] = useState<WaitlistEntry>();
  const act = useAct();
  const problem = isReversed ? 'The last day has to be after the first.' : act.error?.message;

  const join = (event: Event) => {
    event.preventDefault();
    setReversed(until < from);
    if (until < from) return;
    const request: WaitlistRequest = {
      visitTypeId: wish.visitType.id,
      earliestAt: isoInstant(Math.max(Date.now(), instantOf(from, '00:00', zone))),
      latestAt: isoInstant(instantOf(addDays(until, 1), '00:00', zone)),
      ...(wish.provider && { providerId: wish.provider.id }),
      ...(!wish.provider && wish.specialty && { specialty: wish.specialty }),
      ...(wish.region && { region: wish.region }),
      ...(wish.payerId && { payerId: wish.payerId }),
      ...(acting && { patientId: acting.id }),
    };
    void act.run(request, joinWaitlist, setEntry);
  };

  const done = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    if (entry) done.current?.focus();
  }, [entry]);
  if (entry) {
    return (
      <div class="stack" data-testid="waiting-joined">
        <h1 ref={done} tabIndex={-1}>
          {acting ? `${acting.displayName} is` : 'You are'} on the waitlist.
        </h1>
        <p>{waitlistWords(entry, Date.now(), zone)}</p>
        <p>
          {acting
            ? `When a time comes free, it is offered on the page of ${acting.displayName}’s visits, to both of you, and the clinic sends them a message where it has their address. An offer stands for some minutes; if it passes, the place in line stays.`
            : 'When a time comes free, it is offered to you on your home page, and the clinic sends you a message where it has your address. An offer is yours for some minutes; if you let it pass, you keep your place in line.'}
        </p>
        <p>
          <a class="button button--primary" href={home} data-testid="waiting-home">
            {acting ? `Visits of ${acting.displayName}` : 'Your visits'}
          </a>
        </p>
      </div>
    );
  }
  return (
    <form class="book__form" onSubmit={join}>
      <div class="stack">
        <h1>Wait for a time</h1>
        <p class="soft">
          {wish.visitType.name}
          {wish.provider ? ` with ${wish.provider.displayName}` : ' with whoever is free'}. When somebody gives a time
          back between these days, it is offered to those who wait, one after the other.
        </p>
      </div>
      <div class="book__dates">
        <label class="field">
          <span class="field__label">First day that suits</span>
          <input
            type="date"
            class="input"
            required
            value={from}
            min={today}
            max={last}
            data-testid="wait-from"
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span class="field__label">Last day that suits</span>
          <input
            type="date"
            class="input"
            required
            value={until}
            min={today}
            max={last}
            data-testid="wait-until"
            onChange={(event) => setUntil(event.currentTarget.value)}
          />
        </label>
      </div>
      {problem && <Notice tone="danger">{problem}</Notice>}
      <SubmitButton
        busy={act.busy}
        lost={act.lost}
        words="Join the waitlist"
        busyWords="One moment…"
        testId="wait-join"
      />
      <p>
        <button type="button" class="button button--quiet" onClick={onBack}>
          Back to free times
        </button>
      </p>
    </form>
  );
};
