import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { StateSelect } from '../../ui/state-select.tsx';

/** Where the patient will be: whoever sees them needs a licence there. */
export const RegionSelect = (props: { value: string; onPick: (code: string) => void }): JSX.Element => {
  const id = useId();
  const hintId = `${id}-hint`;
  return (
    <label class="field" for={id}>
      <span class="field__label">In which state will you be during the visit?</span>
      <StateSelect value={props.value} testId="book-region" id={id} hintId={hintId} onPick={props.onPick} />
      <span id={hintId} class="soft small">
        Where you will be on that day, not where you live: you can only be seen by somebody who is licensed there.
      </span>
    </label>
  );
};
