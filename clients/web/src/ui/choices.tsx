import type { ComponentChildren, JSX } from 'preact';
import './choices.css';

/** A question with its answers below. */
export const Choices = (props: { legend: ComponentChildren; children: ComponentChildren }): JSX.Element => (
  <fieldset class="choices">
    <legend>{props.legend}</legend>
    {props.children}
  </fieldset>
);

/** One answer of several, as wide as the page: a radio in a label. */
export const Choice = (props: {
  name: string;
  checked: boolean;
  onPick: () => void;
  testId?: string;
  /** Id of what is wrong with the answer. */
  describedBy?: string | undefined;
  children: ComponentChildren;
}): JSX.Element => (
  <label class="choice">
    <input
      type="radio"
      name={props.name}
      checked={props.checked}
      onChange={props.onPick}
      aria-describedby={props.describedBy}
      data-testid={props.testId}
    />
    {props.children}
  </label>
);
