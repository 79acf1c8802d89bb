import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { REGIONS } from '../../text/regions.ts';

/** Where the patient will be: whoever sees them needs a licence there. The browser asks for it where it is missing. */
export const RegionSelect = (props: { value: string; onPick: (code: string) => void }): JSX.Element => {
  const hintId = useId();
  return (
    <label class="field">
      <span class="field__label">In which state will you be during the visit?</span>
      <select
        class="select"
        required
        value={props.value}
        data-testid="book-region"
        aria-describedby={hintId}
        onChange={(event) => props.onPick(event.currentTarget.value)}
      >
        <option value="">Choose a state</option>
        {REGIONS.map(({ code, name }) => (
          <option key={code} value={code}>
            {name}
          </option>
        ))}
      </select>
      <span id={hintId} class="soft small">
        Where you will be on that day, not where you live: you can only be seen by somebody who is licensed there.
      </span>
    </label>
  );
};
