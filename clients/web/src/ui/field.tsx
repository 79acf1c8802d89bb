import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import './input.css';

/** A control under its label. */
export const Field = (props: {
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  children: ComponentChildren;
}): JSX.Element => (
  // biome-ignore lint/a11y/noLabelWithoutControl: the control is among the children
  <label class="field">
    <span class="field__label">{props.label}</span>
    {props.children}
    {props.hint && <span class="field__hint">{props.hint}</span>}
    {props.error && <span class="field__error">{props.error}</span>}
  </label>
);

/** A heading that takes the focus when it shows: what stood there before has gone, and the focus with it. */
export const StepHeading = ({ children }: { children: ComponentChildren }): JSX.Element => {
  const element = useRef<HTMLHeadingElement>(null);
  // Before the first paint: who presses Tab at once goes on from here.
  useLayoutEffect(() => element.current?.focus(), []);
  return (
    <h3 ref={element} tabIndex={-1} class="step-heading">
      {children}
    </h3>
  );
};
