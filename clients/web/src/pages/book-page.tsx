import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import {
  book,
  extendHold,
  fetchPayers,
  fetchSpecialties,
  fetchVisitTypes,
  holdSlot,
  releaseHold,
} from '../api/scheduling-api.ts';
import { useLoaded } from '../hooks/use-loaded.ts';
import { useStepHistory } from '../hooks/use-step-history.ts';
import { useTitle } from '../hooks/use-title.ts';
import { RESUME } from '../routes.ts';
import { Icon } from '../ui/icons.tsx';
import { Loading, Notice } from '../ui/notice.tsx';
import { type ActedFor, useActing, usePatientPaths } from './acting/acting.ts';
import { fetchInHand } from './acting/in-hand.ts';
import { PatientFrame } from './acting/patient-frame.tsx';
import type { BookModel, BookStep } from './book/book-model.ts';
import { Booked } from './book/booked.tsx';
import { FindStep } from './book/find-step.tsx';
import { HeldStep } from './book/held-step.tsx';
import { NoTimeSuits } from './book/no-time-suits.tsx';
import { PickATime } from './book/pick-a-time.tsx';
import { useBookModel } from './book/use-book-model.ts';
import { useStepFocus } from './book/use-step-focus.ts';
import { WaitStep } from './book/wait-step.tsx';
import '../ui/input.css';
import './book/book.css';

const TITLES: Record<BookStep, string> = {
  find: 'Book a visit',
  times: 'Pick a time',
  wait: 'Wait for a time',
  held: 'A time is held',
  booked: 'Booked',
};

const load = async (acting: ActedFor | undefined) => {
  const [visitTypes, specialties, payers, { holds }] = await Promise.all([
    fetchVisitTypes(),
    fetchSpecialties(),
    fetchPayers(),
    fetchInHand(acting),
  ]);
  return { offering: { visitTypes, specialties, payers }, holds };
};

/** From a wish to a booked visit; see `BookModel`. */
export const BookPage = (): JSX.Element => {
  const acting = useActing();
  const paths = usePatientPaths();
  const model = useBookModel({
    holdSlot: (request, how) => holdSlot({ ...request, ...(acting && { patientId: acting.id }) }, how),
    extendHold,
    releaseHold,
    book,
  });
  const step = model.step.value;
  useTitle(TITLES[step]);
  useStepHistory({ step, first: 'find', final: ['booked'], onMove: (to) => model.goTo(to as BookStep) });
  useStepFocus(step + (model.kept.value?.over ? ' over' : ''));
  return (
    <PatientFrame narrow>
      <div class="book">
        {step !== 'booked' && (
          <a class="button button--quiet book__back" href={paths.home}>
            <Icon name="back" /> {acting ? 'Visits' : 'Your visits'}
          </a>
        )}
        <Step model={model} />
      </div>
    </PatientFrame>
  );
};

const Step = ({ model }: { model: BookModel }): JSX.Element => {
  const acting = useActing();
  const loaded = useLoaded(() => load(acting));
  const { query } = useLocation();
  const [held] = loaded.value?.holds ?? [];
  useEffect(() => {
    if (held && RESUME in query && !model.dropped.has(held.id)) model.resume(held);
  }, [held]);
  const wish = model.wish.value;
  const kept = model.kept.value;
  const visit = model.booked.value;
  const step = model.step.value;
  if (step === 'held' && kept) {
    const what = kept.hold.visitType.seats > 1 ? 'A seat' : 'This time';
    return <HeldStep model={model} kept={kept} title={`${what} is held for ${acting?.displayName ?? 'you'}`} />;
  }
  if (step === 'booked' && visit)
    return <Booked visit={visit} title={acting ? `${acting.displayName} is booked.` : 'You are booked.'} />;
  if (step === 'wait' && wish) return <WaitStep wish={wish} onBack={() => model.goTo('times')} />;
  if (step === 'times' && wish)
    return (
      <PickATime
        model={model}
        wish={wish}
        what={`${wish.visitType.name}, ${wish.visitType.durationMinutes} minutes${acting ? `, for ${acting.displayName}` : ''}`}
        otherwise={<NoTimeSuits wish={wish} onWait={() => model.goTo('wait')} />}
      />
    );
  return (
    <div class="stack">
      <h1>{acting ? `Book a visit for ${acting.displayName}` : 'Book a visit'}</h1>
      {loaded.error && <Notice tone="danger">{loaded.error.message}</Notice>}
      {!loaded.value && !loaded.error && <Loading words="Looking up what can be booked…" />}
      {loaded.value && (
        <FindStep
          offering={loaded.value.offering}
          holds={loaded.value.holds.filter(({ id }) => !model.dropped.has(id))}
          wish={wish}
          onResume={(hold) => model.resume(hold)}
          onLook={(wanted) => model.look(wanted)}
        />
      )}
    </div>
  );
};
