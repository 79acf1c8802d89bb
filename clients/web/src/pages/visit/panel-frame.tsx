import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Icon } from '../../ui/icons.tsx';
import type { VisitModel } from './visit-model.ts';

/** A panel beside the picture, or over its lower part on a phone. Takes the focus; Escape closes it. */
export const PanelFrame = (props: { title: string; model: VisitModel; children: ComponentChildren }): JSX.Element => {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    heading.current?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <aside class="panel" aria-label={props.title}>
      <header class="panel__head">
        <h2 ref={heading} tabIndex={-1}>
          {props.title}
        </h2>
        <button
          type="button"
          class="round round--plain"
          aria-label={`Close ${props.title.toLowerCase()}`}
          onClick={() => {
            props.model.panel.value = 'none';
          }}
        >
          <Icon name="close" />
        </button>
      </header>
      {props.children}
    </aside>
  );
};
