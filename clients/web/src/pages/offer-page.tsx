import type { Appointment, IntakeAnswers, WaitlistEntryId } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useLocation, useRoute } from 'preact-iso';
import { acceptOffer, declineOffer, fetchVisitTypes } from '../api/scheduling-api.ts';
import { useAct } from '../hooks/use-act.ts';
import { useLoaded } from '../hooks/use-loaded.ts';
import { useTitle } from '../hooks/use-title.ts';
import { me } from '../session.ts';
import { untilWords } from '../text/time.ts';
import { isOffered, type Offered } from '../text/waitlist.ts';
import { Icon } from '../ui/icons.tsx';
import { Loading, Notice } from '../ui/notice.tsx';
import { When } from '../ui/when.tsx';
import { useActing, usePatientPaths } from './acting/acting.ts';
import { fetchLineOf } from './acting/in-hand.ts';
import { PatientFrame } from './acting/patient-frame.tsx';
import { Booked } from './book/booked.tsx';
import { HoldClock } from './book/hold-clock.tsx';
import { IntakeForm } from './book/intake-form.tsx';
import { SubmitButton } from './book/submit-button.tsx';
import { useStepFocus } from './book/use-step-focus.ts';
import '../ui/input.css';
import './book/book.css';

/** A time that came free for somebody who waits: theirs for some minutes, to take or to leave. */
export const OfferPage = (): JSX.Element => {
  const acting = useActing();
  const paths = usePatientPaths();
  useTitle(acting ? 'A time is free' : 'A time for you');
  const { params } = useRoute();
  const id = params.entryId as WaitlistEntryId;
  const loaded = useLoaded(async () => {
    const [entries, visitTypes] = await Promise.all([fetchLineOf(acting), fetchVisitTypes()]);
    const entry = entries.find((one) => one.id === id);
    const visitType = visitTypes.find((one) => one.id === entry?.visitType.id);
    return { entry, questions: visitType?.intakeQuestions ?? [] };
  });
  const [booked, setBooked] = useState<Appointment>();
  const [over, setOver] = useState(false);
  const entry = loaded.value?.entry;
  useStepFocus(booked ? 'booked' : over ? 'over' : 'offer');
  return (
    <PatientFrame narrow>
      <div class="book">
        {!booked && (
          <a class="button button--quiet book__back" href={paths.home}>
            <Icon name="back" /> {acting ? 'Visits' : 'Your visits'}
          </a>
        )}
        {loaded.error && <Notice tone="danger">{loaded.error.message}</Notice>}
        {!loaded.value && !loaded.error && <Loading words="Looking up the offer…" />}
        {booked ? (
          <Booked visit={booked} title={acting ? `The time is ${acting.displayName}’s.` : 'The time is yours.'} />
        ) : !over && entry && isOffered(entry, Date.now()) ? (
          <Offer
            entry={entry}
            questions={loaded.value?.questions ?? []}
            onBooked={setBooked}
            onOver={() => setOver(true)}
          />
        ) : (
          loaded.value && (
            <div class="stack" data-testid="offer-over">
              <h1>This offer is over.</h1>
              <p>The place in line stays: the next time that comes free and suits is offered again.</p>
              <p>
                <a class="button button--primary" href={paths.home}>
                  {acting ? `Visits of ${acting.displayName}` : 'Your visits'}
                </a>
              </p>
            </div>
          )
        )}
      </div>
    </PatientFrame>
  );
};

const Offer = (props: {
  entry: Offered;
  questions: Parameters<typeof IntakeForm>[0]['questions'];
  onBooked: (visit: Appointment) => void;
  onOver: () => void;
}): JSX.Element => {
  const { id, offer, visitType } = props.entry;
  const zone = me.value?.timeZone ?? 'UTC';
  const { route } = useLocation();
  const acting = useActing();
  const paths = usePatientPaths();
  const accepting = useAct();
  const declining = useAct();
  const error = accepting.error ?? declining.error;
  useEffect(() => {
    if (error?.code === 'offer_over') props.onOver();
  }, [error]);
  const accept = (answers: IntakeAnswers) => {
    if (declining.busy) return;
    void accepting.run({ answers }, (request, how) => acceptOffer(id, request, how), props.onBooked);
  };
  const decline = () => {
    if (accepting.busy) return;
    void declining.run(
      {},
      (_, how) => declineOffer(id, how),
      () => route(paths.home),
    );
  };
  return (
    <div class="stack held" data-testid="offer">
      <h1>
        A time is free for {acting?.displayName ?? 'you'}, until{' '}
        <span class="nowrap">{untilWords(offer.expiresAt, Date.now(), zone)}</span>
      </h1>
      <HoldClock expiresAt={offer.expiresAt} onOver={() => accepting.busy || props.onOver()} />
      <section class="card" aria-label="What is offered">
        <When startsAt={offer.startsAt} endsAt={offer.endsAt} zone={zone} provider={offer.provider} now={Date.now()} />
        <p class="held__what">
          {visitType.name} with {offer.provider.displayName}
        </p>
      </section>
      <IntakeForm questions={props.questions} answers={{}} onSubmit={accept}>
        {error && <Notice tone="danger">{error.message}</Notice>}
        <SubmitButton
          busy={accepting.busy}
          lost={accepting.lost}
          words={acting ? `Take this time for ${acting.displayName}` : 'Take this time'}
          busyWords="Booking…"
          testId="offer-accept"
        />
        <p>
          <button type="button" class="button button--quiet" data-testid="offer-decline" onClick={decline}>
            {declining.busy ? 'One moment…' : 'No, thank you. Keep the place in line'}
          </button>
        </p>
      </IntakeForm>
    </div>
  );
};
