import type { IntakeQuestion } from '@bedside/protocol';
import type { JSX } from 'preact';
import { Field } from '../../ui/field.tsx';

const QUESTIONS_MAX = 20;
const KINDS: Record<IntakeQuestion['kind'], string> = {
  text: 'In their own words',
  'yes-no': 'Yes or no',
  choice: 'One of several answers',
};

/** The same question asked another way. */
const asKind = (question: IntakeQuestion, kind: string): IntakeQuestion => {
  const { id, label, required } = question;
  if (kind === 'choice') return { id, label, required, kind, options: ['', ''] };
  return { id, label, required, kind: kind === 'yes-no' ? kind : 'text' };
};

/** Somebody who writes answers leaves empty lines. */
export const withoutEmptyOptions = (question: IntakeQuestion): IntakeQuestion =>
  question.kind === 'choice'
    ? { ...question, options: question.options.map((option) => option.trim()).filter((option) => option !== '') }
    : question;

/** Answers are kept by this: it never changes, whatever the words. */
const newId = (): string => `q-${crypto.randomUUID().slice(0, 8)}`;

/** What is asked while a time is held, in its order. */
export const QuestionsFields = (props: {
  questions: readonly IntakeQuestion[];
  onQuestions: (questions: IntakeQuestion[]) => void;
}): JSX.Element => {
  const { questions, onQuestions } = props;
  const replace = (index: number, question: IntakeQuestion) => onQuestions(questions.with(index, question));
  return (
    <fieldset class="plain-set">
      <legend class="field__label">Questions before the visit</legend>
      <ol>
        {questions.map((question, index) => (
          <li key={question.id} class="question" data-testid="question">
            <Field label={`Question ${index + 1}`}>
              <input
                class="input"
                required
                maxLength={300}
                value={question.label}
                data-testid="question-label"
                onInput={(event) => replace(index, { ...question, label: event.currentTarget.value })}
              />
            </Field>
            <div class="fields">
              <Field label="Answered">
                <select
                  class="select"
                  value={question.kind}
                  onChange={(event) => replace(index, asKind(question, event.currentTarget.value))}
                >
                  {Object.entries(KINDS).map(([kind, words]) => (
                    <option key={kind} value={kind}>
                      {words}
                    </option>
                  ))}
                </select>
              </Field>
              <label class="check">
                <input
                  type="checkbox"
                  checked={question.required}
                  onChange={(event) => replace(index, { ...question, required: event.currentTarget.checked })}
                />
                <span>Has to be answered</span>
              </label>
            </div>
            {question.kind === 'choice' && (
              <Field label="Answers to choose from" hint="One a line, two at least.">
                <textarea
                  class="input"
                  required
                  rows={3}
                  value={question.options.join('\n')}
                  onInput={(event) => replace(index, { ...question, options: event.currentTarget.value.split('\n') })}
                />
              </Field>
            )}
            <button
              type="button"
              class="button button--quiet"
              aria-label={`Remove question ${index + 1}`}
              onClick={() => onQuestions(questions.toSpliced(index, 1))}
            >
              Remove
            </button>
          </li>
        ))}
      </ol>
      {questions.length < QUESTIONS_MAX && (
        <p>
          <button
            type="button"
            class="button button--secondary"
            data-testid="question-add"
            onClick={() => onQuestions([...questions, { id: newId(), label: '', required: false, kind: 'text' }])}
          >
            Add a question
          </button>
        </p>
      )}
    </fieldset>
  );
};
