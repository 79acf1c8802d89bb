import type { JSX } from 'preact';
import { REGIONS } from '../text/regions.ts';

/** Which state somebody will be in. The browser asks for it where it is missing. */
export const StateSelect = (props: {
  value: string;
  testId: string;
  id?: string;
  hintId?: string;
  /** The answer that names no state, where one may be left out. */
  anyWords?: string;
  onPick: (code: string) => void;
}): JSX.Element => (
  <select
    id={props.id}
    class="select"
    required={props.anyWords === undefined}
    value={props.value}
    data-testid={props.testId}
    aria-describedby={props.hintId}
    onChange={(event) => props.onPick(event.currentTarget.value)}
  >
    <option value="">{props.anyWords ?? 'Choose a state'}</option>
    {REGIONS.map(({ code, name }) => (
      <option key={code} value={code}>
        {name}
      </option>
    ))}
  </select>
);
