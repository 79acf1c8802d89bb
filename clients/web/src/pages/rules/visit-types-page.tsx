import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { fetchVisitTypeSettings, type KeptVisitType, saveVisitType } from '../../api/rules-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { visitTypeWords } from '../../text/booking.ts';
import { Loading, Notice } from '../../ui/notice.tsx';
import { SaveProblem } from '../../ui/save-problem.tsx';
import { isAdmin } from '../../ui/staff-frame.tsx';
import { RulesFrame } from './rules-frame.tsx';
import { VisitTypeDialog } from './visit-type-dialog.tsx';

const questionsWords = (count: number): string =>
  count === 0 ? 'No questions before it' : count === 1 ? 'One question before it' : `${count} questions before it`;

/** What can be booked. */
export const VisitTypesPage = (): JSX.Element => {
  const loaded = useLoaded(fetchVisitTypeSettings);
  const [done, setDone] = useState('');
  const [open, setOpen] = useState<KeptVisitType | 'new'>();
  const act = useAct();
  const finish = (words: string) => {
    setOpen(undefined);
    setDone(words);
    loaded.reload();
  };
  const turn = (type: KeptVisitType) =>
    act.run(
      { ...type, isActive: !type.isActive },
      (next) => saveVisitType(next),
      ({ name, isActive }) => finish(isActive ? `${name} can be booked again.` : `${name} can be booked no more.`),
    );
  return (
    <RulesFrame
      title="Visit types"
      about="What can be booked, and how it is laid out. Visits that are booked stay as they are."
      done={done}
    >
      {loaded.error && <Notice tone="danger">{loaded.error.message}</Notice>}
      {!loaded.value && !loaded.error && <Loading words="Looking up the visit types…" />}
      <SaveProblem problem={act.error} />
      <ul class="rules">
        {loaded.value?.map((type) => (
          <li key={type.id} class="rule" data-testid="visit-type">
            <div>
              <p>
                <strong>{type.name}</strong>
              </p>
              <p class="soft small">
                {visitTypeWords(type)} · {questionsWords(type.intakeQuestions.length)}
                {!type.isActive && ' · can be booked no more'}
              </p>
            </div>
            {isAdmin() && (
              <div class="rule__acts">
                <button
                  type="button"
                  class="button button--quiet"
                  data-testid="visit-type-edit"
                  aria-label={`Change ${type.name}`}
                  onClick={() => setOpen(type)}
                >
                  Change
                </button>
                <button
                  type="button"
                  class="button button--quiet"
                  data-testid="visit-type-turn"
                  aria-label={`${type.isActive ? 'End' : 'Bring back'}: ${type.name}`}
                  onClick={() => void turn(type)}
                >
                  {type.isActive ? 'End' : 'Bring back'}
                </button>
              </div>
            )}
          </li>
        ))}
      </ul>
      {isAdmin() && (
        <p>
          <button
            type="button"
            class="button button--primary"
            data-testid="visit-type-add"
            onClick={() => setOpen('new')}
          >
            Add a visit type
          </button>
        </p>
      )}
      {open && (
        <VisitTypeDialog type={open === 'new' ? undefined : open} onClose={() => setOpen(undefined)} onDone={finish} />
      )}
    </RulesFrame>
  );
};
