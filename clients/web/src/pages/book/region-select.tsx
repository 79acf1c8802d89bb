import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { StateSelect } from '../../ui/state-select.tsx';

const WORDS = {
  patient: {
    label: 'In which state will you be during the visit?',
    hint: 'Where you will be on that day, not where you live: you can only be seen by somebody who is licensed there.',
    testId: 'book-region',
  },
  proxy: {
    label: 'In which state will they be during the visit?',
    hint: 'Where they will be on that day, not where they live: they can only be seen by somebody who is licensed there.',
    testId: 'book-region',
  },
  staff: {
    label: 'State the patient will be in',
    hint: 'Only providers licensed there are shown.',
    testId: 'desk-region',
  },
} as const;

/** Where the patient will be: whoever sees them needs a licence there. */
export const RegionSelect = (props: {
  /** Who is asked. */
  asked?: keyof typeof WORDS;
  value: string;
  onPick: (code: string) => void;
}): JSX.Element => {
  const id = useId();
  const hintId = `${id}-hint`;
  const { label, hint, testId } = WORDS[props.asked ?? 'patient'];
  return (
    <label class="field" for={id}>
      <span class="field__label">{label}</span>
      <StateSelect value={props.value} testId={testId} id={id} hintId={hintId} onPick={props.onPick} />
      <span id={hintId} class="soft small">
        {hint}
      </span>
    </label>
  );
};
