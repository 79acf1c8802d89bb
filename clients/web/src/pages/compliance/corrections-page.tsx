import type { Correction, DenialBasis } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import {
  acceptCorrection,
  answerDisagreement,
  denyCorrection,
  fetchCorrections,
  putOffCorrection,
} from '../../api/rights-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { useNow } from '../../hooks/use-now.ts';
import { usePages } from '../../hooks/use-pages.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { FormEnd } from '../../ui/form-end.tsx';
import { isCompliance } from '../../ui/staff-frame.tsx';
import { NotFoundPage } from '../not-found-page.tsx';
import { CorrectionCard } from '../privacy/correction-card.tsx';
import { GROUNDS, SUBJECTS } from '../privacy/correction-words.ts';
import { ListPage } from '../schedule/list-page.tsx';
import '../schedule/visit-panel.css';

const TEXT_MAX = 4_000;

type Answer = 'accept' | 'deny' | 'extend' | 'rebut';

const ANSWERS: Record<Answer, { button: string; title: string; label: string; done: string }> = {
  accept: {
    button: 'Accept',
    title: 'Accept the request',
    label: 'What was corrected, and where',
    done: 'The request is accepted.',
  },
  deny: {
    button: 'Deny',
    title: 'Deny the request',
    label: 'Why, for the patient to read',
    done: 'The request is denied.',
  },
  extend: {
    button: 'Put off',
    title: 'Put the answer off by 30 days',
    label: 'Why it takes longer, for the patient to read',
    done: 'The answer is put off.',
  },
  rebut: {
    button: 'Answer the objection',
    title: 'Answer the objection',
    label: 'The answer, which goes with the record',
    done: 'The answer goes with the record.',
  },
};

const answersTo = ({ status, extended }: Correction): Answer[] => {
  if (status === 'requested') return extended ? ['accept', 'deny'] : ['accept', 'deny', 'extend'];
  return status === 'disagreed' ? ['rebut'] : [];
};

export const CorrectionsPage = (): JSX.Element => (isCompliance() ? <Corrections /> : <NotFoundPage />);

/** What patients say is wrong in their records, most urgent first, and the clinic's answers. */
const Corrections = (): JSX.Element => {
  const now = useNow(60_000);
  const [all, setAll] = useState(false);
  const list = usePages<Correction>(
    async (cursor) => {
      const { corrections, next } = await fetchCorrections({ ...(!all && { open: 'true' }), cursor });
      return { items: corrections, next };
    },
    all ? 'all' : 'open',
  );
  const [answering, setAnswering] = useState<{ correction: Correction; answer: Answer }>();
  const [done, setDone] = useState('');
  return (
    <ListPage
      title="Corrections"
      about="What patients ask to be corrected in their records. Each has to be answered by its date."
      filter={
        <label class="check">
          <input
            type="checkbox"
            checked={all}
            data-testid="corrections-all"
            onChange={(event) => setAll(event.currentTarget.checked)}
          />
          <span>Show those that are settled too</span>
        </label>
      }
      done={done}
      list={list}
      loading="Looking up what was asked for…"
      none="Nothing waits for an answer."
      item={(one) => (
        <CorrectionCard
          key={one.id}
          correction={one}
          title={`${one.patient.displayName}: ${SUBJECTS[one.about].toLowerCase()}`}
          now={now}
        >
          <div class="row">
            {answersTo(one).map((answer) => (
              <button
                key={answer}
                type="button"
                class="button button--secondary"
                data-testid={`correction-${answer}`}
                onClick={() => setAnswering({ correction: one, answer })}
              >
                {ANSWERS[answer].button}
              </button>
            ))}
          </div>
        </CorrectionCard>
      )}
    >
      {answering && (
        <AnswerDialog
          {...answering}
          onClose={() => setAnswering(undefined)}
          onDone={(words) => {
            setAnswering(undefined);
            setDone(words);
            list.reload();
          }}
        />
      )}
    </ListPage>
  );
};

const AnswerDialog = (props: {
  correction: Correction;
  answer: Answer;
  onClose: () => void;
  onDone: (words: string) => void;
}): JSX.Element => {
  const { id, version } = props.correction;
  const words = ANSWERS[props.answer];
  const [note, setNote] = useState('');
  const [basis, setBasis] = useState<DenialBasis>('accurate-and-complete');
  const act = useAct();
  const send = () => {
    const body = { version, note };
    if (props.answer === 'accept') return acceptCorrection(id, body);
    if (props.answer === 'deny') return denyCorrection(id, { ...body, basis });
    return props.answer === 'extend' ? putOffCorrection(id, body) : answerDisagreement(id, body);
  };
  return (
    <Dialog title={words.title} wide onClose={props.onClose}>
      <form
        class="rule-form"
        data-testid="answer-form"
        onSubmit={(event) => {
          event.preventDefault();
          void act.run({ version, note, basis }, send, () => props.onDone(words.done));
        }}
      >
        {props.answer === 'deny' && (
          <Field label="Ground" hint="The law names these and no others.">
            <select
              class="select"
              value={basis}
              data-testid="answer-basis"
              onChange={(event) => setBasis(event.currentTarget.value as DenialBasis)}
            >
              {Object.entries(GROUNDS).map(([ground, text]) => (
                <option key={ground} value={ground}>
                  {text}
                </option>
              ))}
            </select>
          </Field>
        )}
        <Field label={words.label}>
          <textarea
            class="input"
            required
            rows={4}
            maxLength={TEXT_MAX}
            value={note}
            data-testid="answer-note"
            onInput={(event) => setNote(event.currentTarget.value)}
          />
        </Field>
        <FormEnd
          problem={act.error?.message}
          send={words.button}
          sending="Sending…"
          busy={act.busy}
          testId="answer-send"
          onClose={props.onClose}
        />
      </form>
    </Dialog>
  );
};
