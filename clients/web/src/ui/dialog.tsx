import type { ComponentChildren, JSX } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';

/** A modal question. The browser's own <dialog> keeps the focus inside and closes on Escape. */
export const Dialog = (props: {
  title: string;
  /** Room for more than a question. */
  wide?: boolean;
  onClose: () => void;
  children: ComponentChildren;
  actions?: ComponentChildren;
}): JSX.Element => {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Before the first paint: whoever sees the question can answer it and leave it by the keyboard.
  useLayoutEffect(() => {
    if (element.current && !element.current.open) element.current.showModal();
  }, []);
  return (
    <dialog
      ref={element}
      class={`dialog${props.wide ? ' dialog--wide' : ''}`}
      aria-labelledby={titleId}
      onClose={props.onClose}
    >
      <div class="stack">
        <h2 id={titleId}>{props.title}</h2>
        {props.children}
      </div>
      {props.actions && <div class="dialog__actions">{props.actions}</div>}
    </dialog>
  );
};
