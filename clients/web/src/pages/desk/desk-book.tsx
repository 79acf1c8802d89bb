import type { Appointment, PersonId } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { book, extendHold, holdSlot, releaseHold } from '../../api/scheduling-api.ts';
import type { FoundPatient } from '../../api/staff-api.ts';
import { useStepHistory } from '../../hooks/use-step-history.ts';
import { useTitle } from '../../hooks/use-title.ts';
import { DESK } from '../../routes.ts';
import { me, noteSignedOut } from '../../session.ts';
import { clockTime } from '../../text/time.ts';
import { Icon } from '../../ui/icons.tsx';
import { Loading, Notice } from '../../ui/notice.tsx';
import { isDesk, StaffFrame } from '../../ui/staff-frame.tsx';
import { When } from '../../ui/when.tsx';
import '../book/book.css';
import { BookModel, type BookStep, type Kept, type Wish } from '../book/book-model.ts';
import { HoldClock } from '../book/hold-clock.tsx';
import { IntakeForm } from '../book/intake-form.tsx';
import { SubmitButton } from '../book/submit-button.tsx';
import { TimesStep } from '../book/times-step.tsx';
import { useStepFocus } from '../book/use-step-focus.ts';
import { NotFoundPage } from '../not-found-page.tsx';
import './desk.css';
import { PatientPicker } from './patient-picker.tsx';
import { type DeskWish, isComplete, NO_WISH, WishFields } from './wish-fields.tsx';

export const DeskBook = (): JSX.Element => (isDesk() ? <BookForPatient /> : <NotFoundPage />);

const TITLES: Record<BookStep, string> = {
  find: 'Book for a patient',
  times: 'Pick a time',
  wait: 'Book for a patient',
  held: 'A time is held',
  booked: 'Booked',
};

/** The same way as a patient's own, for a patient who is named first. */
const BookForPatient = (): JSX.Element => {
  const [patient, setPatient] = useState<FoundPatient>();
  const forWhom = useRef<PersonId | undefined>(undefined);
  forWhom.current = patient?.id;
  const [wish, setWish] = useState(NO_WISH);
  const [model] = useState(
    () =>
      new BookModel({
        api: {
          holdSlot: (request, how) => holdSlot({ ...request, patientId: forWhom.current }, how),
          extendHold,
          releaseHold,
          book,
        },
        onRefused: noteSignedOut,
      }),
  );
  useEffect(() => {
    const abandon = () => model.abandon();
    addEventListener('pagehide', abandon);
    return () => {
      removeEventListener('pagehide', abandon);
      model.close();
    };
  }, [model]);
  const step = model.step.value;
  const kept = model.kept.value;
  const visit = model.booked.value;
  useTitle(TITLES[step]);
  useStepHistory({ step, first: 'find', final: ['booked'], onMove: (to) => model.goTo(to as BookStep) });
  useStepFocus(step + (kept?.over ? ' over' : ''));
  return (
    <StaffFrame>
      <div class="book desk-book">
        {step === 'held' && kept && patient ? (
          <DeskHeld model={model} kept={kept} patient={patient} />
        ) : step === 'booked' && visit && patient ? (
          <DeskBooked
            visit={visit}
            patient={patient}
            onAgain={() => {
              setPatient(undefined);
              setWish(NO_WISH);
              model.goTo('find');
            }}
          />
        ) : step === 'times' && model.wish.value && patient ? (
          <DeskTimes model={model} wish={model.wish.value} patient={patient} />
        ) : (
          <DeskFind
            patient={patient}
            wish={wish}
            onPatient={(next) => {
              setPatient(next);
              if (next?.region) setWish({ ...wish, region: next.region });
            }}
            onWish={setWish}
            onLook={(wanted) => model.look(wanted)}
          />
        )}
      </div>
    </StaffFrame>
  );
};

const DeskFind = (props: {
  patient: FoundPatient | undefined;
  wish: DeskWish;
  onPatient: (patient: FoundPatient | undefined) => void;
  onWish: (wish: DeskWish) => void;
  onLook: (wish: Wish) => void;
}): JSX.Element => {
  const { patient, wish } = props;
  const [problem, setProblem] = useState('');
  const look = (event: Event) => {
    event.preventDefault();
    if (!patient) return setProblem('Choose the patient first.');
    if (!isComplete(wish)) return setProblem('Choose the visit, and the state where it is asked for.');
    const { visitType, provider, specialty, region, payerId } = wish;
    props.onLook({
      visitType,
      provider,
      ...(specialty && { specialty }),
      ...(region && { region }),
      payerId,
    });
  };
  return (
    <form class="book__form" noValidate onSubmit={look}>
      <h1>Book for a patient</h1>
      <PatientPicker patient={patient} onPick={props.onPatient} />
      <WishFields wish={wish} onWish={props.onWish} />
      {problem && <Notice tone="danger">{problem}</Notice>}
      <p>
        <button type="submit" class="button button--primary button--large" data-testid="desk-find">
          See free times
        </button>
      </p>
    </form>
  );
};

const DeskTimes = (props: { model: BookModel; wish: Wish; patient: FoundPatient }): JSX.Element => {
  const { model, wish, patient } = props;
  const problem = model.problem.value;
  const busy = model.waiting.value === 'hold';
  const notice = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (problem) notice.current?.focus();
  }, [problem]);
  return (
    <>
      <div class="stack">
        <h1>Pick a time</h1>
        <p class="row book__wish">
          <span>
            {wish.visitType.name} for {patient.displayName},{' '}
            {wish.provider ? `with ${wish.provider.displayName}` : 'with whoever is free'}
          </span>
          <button type="button" class="button button--quiet" onClick={() => model.goTo('find')}>
            Change
          </button>
        </p>
      </div>
      <div ref={notice} tabIndex={-1}>
        {problem && <Notice tone="danger">{problem}</Notice>}
      </div>
      <TimesStep
        wish={wish}
        gone={model.gone.value}
        busy={busy}
        onPick={(provider, slot) => void model.pick(provider, slot)}
      />
      {busy && (
        <div class="book__waiting">
          <Loading words="Holding this time…" />
        </div>
      )}
    </>
  );
};

const DeskHeld = (props: { model: BookModel; kept: Kept; patient: FoundPatient }): JSX.Element => {
  const { model, kept, patient } = props;
  const { hold } = kept;
  const zone = me.value?.timeZone ?? 'UTC';
  const busy = model.waiting.value;
  if (kept.over) {
    return (
      <div class="stack" data-testid="hold-over">
        <h1>This time is no longer held.</h1>
        <p>Nothing is booked. The time may well be free still.</p>
        <p>
          <button type="button" class="button button--primary button--large" onClick={() => model.goTo('times')}>
            See free times
          </button>
        </p>
      </div>
    );
  }
  return (
    <div class="stack held" data-testid="held">
      <h1>
        Held for {patient.displayName} until <span class="nowrap">{clockTime(hold.expiresAt, zone)}</span>
      </h1>
      <HoldClock
        expiresAt={hold.expiresAt}
        lagMs={kept.lagMs}
        onOver={() => model.expire()}
        onExtend={hold.extendable ? () => void model.extend() : undefined}
        extending={busy === 'extend'}
      />
      <section class="card" aria-label="What is booked">
        <When startsAt={hold.startsAt} endsAt={hold.endsAt} zone={zone} provider={hold.provider} now={Date.now()} />
        <p class="held__what">
          {hold.visitType.name} with {hold.provider.displayName}
        </p>
      </section>
      <IntakeForm
        questions={hold.visitType.intakeQuestions}
        answers={model.answers.peek()}
        onChange={(answers) => {
          model.answers.value = answers;
        }}
        onSubmit={(answers) => void model.book(answers)}
      >
        {model.problem.value && <Notice tone="danger">{model.problem.value}</Notice>}
        <SubmitButton
          busy={busy === 'book'}
          lost={model.lost.value}
          words="Book this visit"
          busyWords="Booking…"
          testId="book-confirm"
        />
        <p>
          <button type="button" class="button button--quiet" onClick={() => model.goTo('times')}>
            Let it go and see other times
          </button>
        </p>
      </IntakeForm>
    </div>
  );
};

const DeskBooked = (props: { visit: Appointment; patient: FoundPatient; onAgain: () => void }): JSX.Element => {
  const { visit, patient } = props;
  const zone = me.value?.timeZone ?? 'UTC';
  const now = Date.now();
  return (
    <div class="stack booked" data-testid="booked">
      <h1>
        <span class="booked__mark">
          <Icon name="check" />
        </span>
        {patient.displayName} is booked.
      </h1>
      <section class="card" aria-label="The visit">
        <When startsAt={visit.startsAt} endsAt={visit.endsAt} zone={zone} provider={visit.provider} now={now} />
        <p class="held__what">
          {visit.visitType.name} with {visit.provider.displayName}
        </p>
        {patient.timeZone !== zone && (
          <p class="soft">
            For the patient it is <PatientClock visit={visit} timeZone={patient.timeZone} />.
          </p>
        )}
      </section>
      <div class="row">
        <button type="button" class="button button--primary" data-testid="book-another" onClick={props.onAgain}>
          Book another
        </button>
        <a class="button button--quiet" href={DESK}>
          Back to the day
        </a>
      </div>
    </div>
  );
};

const PatientClock = ({ visit, timeZone }: { visit: Appointment; timeZone: string }): JSX.Element => (
  <span class="numeric">{clockAndZone(visit.startsAt, timeZone)}</span>
);

const clockAndZone = (instant: string, timeZone: string): string =>
  `${clockTime(instant, timeZone)}, ${timeZone.split('/').at(-1)?.replaceAll('_', ' ')}`;
