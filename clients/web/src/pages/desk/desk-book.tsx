import type { PersonId } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { book, extendHold, holdSlot, releaseHold } from '../../api/scheduling-api.ts';
import type { FoundPatient } from '../../api/staff-api.ts';
import { useStepHistory } from '../../hooks/use-step-history.ts';
import { useTitle } from '../../hooks/use-title.ts';
import { Notice } from '../../ui/notice.tsx';
import { isDesk, StaffFrame } from '../../ui/staff-frame.tsx';
import '../book/book.css';
import type { BookStep, Wish } from '../book/book-model.ts';
import { HeldStep } from '../book/held-step.tsx';
import { PickATime } from '../book/pick-a-time.tsx';
import { useBookModel } from '../book/use-book-model.ts';
import { useStepFocus } from '../book/use-step-focus.ts';
import { NotFoundPage } from '../not-found-page.tsx';
import { additionalOf } from '../schedule/further-people.tsx';
import './desk.css';
import { DeskBooked } from './desk-booked.tsx';
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
  const model = useBookModel({
    holdSlot: (request, how) => holdSlot({ ...request, patientId: forWhom.current }, how),
    extendHold,
    releaseHold,
    book,
  });
  const step = model.step.value;
  const kept = model.kept.value;
  const visit = model.booked.value;
  useTitle(TITLES[step]);
  useStepHistory({ step, first: 'find', final: ['booked'], onMove: (to) => model.goTo(to as BookStep) });
  useStepFocus(step + (kept?.over ? ' over' : ''));
  return (
    <StaffFrame>
      <div class="book">
        {step === 'held' && kept && patient ? (
          <HeldStep model={model} kept={kept} title={`Held for ${patient.displayName}`} />
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
          <PickATime
            model={model}
            wish={model.wish.value}
            what={`${model.wish.value.visitType.name} for ${patient.displayName}`}
          />
        ) : (
          <DeskFind
            patient={patient}
            wish={wish}
            onPatient={(next) => {
              // What one patient said is nothing for another.
              if (next?.id !== patient?.id) model.answers.value = {};
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
    const further = wish.further.filter(({ personId }) => personId !== provider?.id);
    props.onLook({
      visitType,
      provider,
      ...(specialty && { specialty }),
      ...(region && { region }),
      payerId,
      ...(visitType.seats === 1 && { additional: additionalOf(further) }),
    });
  };
  return (
    <form class="book__form" noValidate onSubmit={look}>
      <h1>Book for a patient</h1>
      <PatientPicker patient={patient} onPick={props.onPatient} />
      <WishFields wish={wish} withFurther onWish={props.onWish} />
      {problem && <Notice tone="danger">{problem}</Notice>}
      <p>
        <button type="submit" class="button button--primary button--large" data-testid="desk-find">
          See free times
        </button>
      </p>
    </form>
  );
};
