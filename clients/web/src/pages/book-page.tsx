import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import {
  book,
  extendHold,
  fetchHolds,
  fetchPayers,
  fetchSpecialties,
  fetchVisitTypes,
  fetchWaitlist,
  holdSlot,
  releaseHold,
} from '../api/scheduling-api.ts';
import { useLoaded } from '../hooks/use-loaded.ts';
import { useStepHistory } from '../hooks/use-step-history.ts';
import { useTitle } from '../hooks/use-title.ts';
import { HOME, RESUME } from '../routes.ts';
import { noteSignedOut } from '../session.ts';
import { madeBySelf } from '../text/waitlist.ts';
import { Frame } from '../ui/frame.tsx';
import { Icon } from '../ui/icons.tsx';
import { Loading, Notice } from '../ui/notice.tsx';
import { BookModel, type BookStep, type Wish } from './book/book-model.ts';
import { Booked } from './book/booked.tsx';
import { FindStep } from './book/find-step.tsx';
import { HeldStep } from './book/held-step.tsx';
import { NoTimeSuits } from './book/no-time-suits.tsx';
import { TimesStep } from './book/times-step.tsx';
import { useStepFocus } from './book/use-step-focus.ts';
import { WaitStep } from './book/wait-step.tsx';
import '../ui/input.css';
import './book/book.css';

const TITLES: Record<BookStep, string> = {
  find: 'Book a visit',
  times: 'Pick a time',
  wait: 'Wait for a time',
  held: 'Your time is held',
  booked: 'Booked',
};

const load = async () => {
  const [visitTypes, specialties, payers, holds, waitlist] = await Promise.all([
    fetchVisitTypes(),
    fetchSpecialties(),
    fetchPayers(),
    fetchHolds(),
    fetchWaitlist(),
  ]);
  return { offering: { visitTypes, specialties, payers }, holds: madeBySelf(holds, waitlist) };
};

/** From a wish to a booked visit; see `BookModel`. */
export const BookPage = (): JSX.Element => {
  const [model] = useState(
    () => new BookModel({ api: { holdSlot, extendHold, releaseHold, book }, onRefused: noteSignedOut }),
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
  useTitle(TITLES[step]);
  useStepHistory({ step, first: 'find', final: ['booked'], onMove: (to) => model.goTo(to as BookStep) });
  useStepFocus(step + (model.kept.value?.over ? ' over' : ''));
  return (
    <Frame narrow>
      <div class="book">
        {step !== 'booked' && (
          <a class="button button--quiet book__back" href={HOME}>
            <Icon name="back" /> Your visits
          </a>
        )}
        <Step model={model} />
      </div>
    </Frame>
  );
};

const Step = ({ model }: { model: BookModel }): JSX.Element => {
  const loaded = useLoaded(load);
  const { query } = useLocation();
  const [held] = loaded.value?.holds ?? [];
  useEffect(() => {
    if (held && RESUME in query && !model.dropped.has(held.id)) model.resume(held);
  }, [held]);
  const wish = model.wish.value;
  const kept = model.kept.value;
  const visit = model.booked.value;
  const step = model.step.value;
  if (step === 'held' && kept) return <HeldStep model={model} kept={kept} />;
  if (step === 'booked' && visit) return <Booked visit={visit} title="You are booked." />;
  if (step === 'wait' && wish) return <WaitStep wish={wish} onBack={() => model.goTo('times')} />;
  if (step === 'times' && wish) return <PickATime model={model} wish={wish} />;
  return (
    <div class="stack">
      <h1>Book a visit</h1>
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

const PickATime = ({ model, wish }: { model: BookModel; wish: Wish }): JSX.Element => {
  const problem = model.problem.value;
  const busy = model.waiting.value === 'hold';
  const notice = useRef<HTMLDivElement>(null);
  // The time that was pressed may be gone, and the focus with it.
  useEffect(() => {
    if (problem) notice.current?.focus();
  }, [problem]);
  return (
    <>
      <div class="stack">
        <h1>Pick a time</h1>
        <p class="row book__wish">
          <span>
            {wish.visitType.name}, {wish.visitType.durationMinutes} minutes,{' '}
            {wish.provider ? `with ${wish.provider.displayName}` : 'with whoever is free'}
          </span>
          <button
            type="button"
            class="button button--quiet"
            data-testid="book-change"
            onClick={() => model.goTo('find')}
          >
            Change
          </button>
        </p>
      </div>
      <div ref={notice} tabIndex={-1} data-testid="book-problem">
        {problem && <Notice tone="danger">{problem}</Notice>}
      </div>
      <TimesStep
        wish={wish}
        gone={model.gone.value}
        busy={busy}
        onPick={(provider, slot) => void model.pick(provider, slot)}
        otherwise={<NoTimeSuits wish={wish} onWait={() => model.goTo('wait')} />}
      />
      {busy && (
        <div class="book__waiting">
          <Loading
            words={
              model.lost.value ? 'The connection is thin. Still asking for this time…' : 'Holding this time for you…'
            }
          />
        </div>
      )}
    </>
  );
};
