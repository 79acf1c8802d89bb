import type { PersonId } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { book, extendHold, holdSlot, releaseHold } from '../../api/scheduling-api.ts';
import type { FoundPatient } from '../../api/staff-api.ts';
import { useStepHistory } from '../../hooks/use-step-history.ts';
import { useTitle } from '../../hooks/use-title.ts';
import { noteSignedOut } from '../../session.ts';
import { Loading, Notice } from '../../ui/notice.tsx';
import { isDesk, StaffFrame } from '../../ui/staff-frame.tsx';
import '../book/book.css';
import { BookModel, type BookStep, type Wish } from '../book/book-model.ts';
import { TimesStep } from '../book/times-step.tsx';
import { useStepFocus } from '../book/use-step-focus.ts';
import { NotFoundPage } from '../not-found-page.tsx';
import './desk.css';
import { DeskBooked } from './desk-booked.tsx';
import { DeskHeld } from './desk-held.tsx';
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
