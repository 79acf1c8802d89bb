import type { IntakeAnswers, IntakeQuestion } from '@bedside/protocol';
import type { ComponentChildren, JSX } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { ANSWER_MAX, given, missingWords, unanswered } from '../../text/intake.ts';
import { Choice, Choices } from '../../ui/choices.tsx';

/** The questions of a visit type, and the button below them. What is missing is said at the question itself. */
export const IntakeForm = (props: {
  questions: readonly IntakeQuestion[];
  answers: IntakeAnswers;
  onSubmit: (answers: IntakeAnswers) => void;
  /** Told of each change, so that nothing is typed twice. */
  onChange?: (answers: IntakeAnswers) => void;
  children: ComponentChildren;
}): JSX.Element => {
  const { questions } = props;
  const [answers, setAnswers] = useState(props.answers);
  const [asked, setAsked] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const missing = asked ? unanswered(questions, answers) : [];
  const answer = (id: string, value: string | boolean) => {
    const next = { ...answers, [id]: value };
    setAnswers(next);
    props.onChange?.(next);
  };
  const submit = (event: Event) => {
    event.preventDefault();
    const [first] = unanswered(questions, answers);
    setAsked(true);
    if (!first) return props.onSubmit(given(questions, answers));
    form.current?.querySelector<HTMLElement>(`[data-question="${first.id}"] :is(textarea, select, input)`)?.focus();
  };
  return (
    <form ref={form} class="intake" noValidate onSubmit={submit}>
      {questions.length > 0 && <h2>Before the visit</h2>}
      {questions.map((question) => (
        <div key={question.id} data-question={question.id}>
          <Question
            question={question}
            value={answers[question.id]}
            isMissing={missing.includes(question)}
            onAnswer={(value) => answer(question.id, value)}
          />
        </div>
      ))}
      {props.children}
    </form>
  );
};

interface QuestionProps {
  question: IntakeQuestion;
  value: string | boolean | undefined;
  isMissing: boolean;
  onAnswer: (value: string | boolean) => void;
}

const Label = ({ question }: { question: IntakeQuestion }): JSX.Element => (
  <>
    {question.label} {!question.required && <span class="soft small">(if you like)</span>}
  </>
);

const Question = (props: QuestionProps): JSX.Element => {
  const { question, value, isMissing, onAnswer } = props;
  const errorId = useId();
  const error = isMissing && (
    <p id={errorId} class="intake__missing" data-testid="intake-missing">
      {missingWords(question)}
    </p>
  );
  if (question.kind === 'text') {
    return (
      <label class="field">
        <span class="intake__label">
          <Label question={question} />
        </span>
        <textarea
          class="input"
          rows={3}
          maxLength={ANSWER_MAX}
          required={question.required}
          aria-invalid={isMissing}
          aria-describedby={isMissing ? errorId : undefined}
          value={typeof value === 'string' ? value : ''}
          onInput={(event) => onAnswer(event.currentTarget.value)}
        />
        {error}
      </label>
    );
  }
  const options: readonly { label: string; answer: string | boolean }[] =
    question.kind === 'yes-no'
      ? [
          { label: 'Yes', answer: true },
          { label: 'No', answer: false },
        ]
      : question.options.map((option) => ({ label: option, answer: option }));
  return (
    <Choices legend={<Label question={question} />}>
      {options.map((option) => (
        <Choice
          key={option.label}
          name={`intake-${question.id}`}
          checked={value === option.answer}
          describedBy={isMissing ? errorId : undefined}
          onPick={() => onAnswer(option.answer)}
        >
          {option.label}
        </Choice>
      ))}
      {error}
    </Choices>
  );
};
