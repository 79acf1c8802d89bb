import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Loading, Notice } from '../../ui/notice.tsx';
import type { BookModel, Wish } from './book-model.ts';
import { TimesStep } from './times-step.tsx';

/** The step of the free times: what is looked for, why the last pick was refused, the times. */
export const PickATime = (props: {
  model: BookModel;
  wish: Wish;
  /** What is booked, for whom: the beginning of a line that goes on with the provider. */
  what: string;
  /** Shown where no time suits. */
  otherwise?: ComponentChildren;
}): JSX.Element => {
  const { model, wish } = props;
  const problem = model.problem.value;
  const busy = model.waiting.value === 'hold';
  const notice = useRef<HTMLDivElement>(null);
  // The time that was pressed may be gone, and the focus with it.
  useLayoutEffect(() => {
    if (problem) notice.current?.focus();
  }, [problem]);
  return (
    <>
      <div class="stack">
        <h1>Pick a time</h1>
        <p class="row book__wish">
          <span>
            {props.what}, {wish.provider ? `with ${wish.provider.displayName}` : 'with whoever is free'}
          </span>
          <button
            type="button"
            class="button button--quiet"
            data-testid="book-change"
            onClick={() => model.goTo('find')}
          >
            Change
          </button>
        </p>
      </div>
      <div ref={notice} tabIndex={-1} data-testid="book-problem">
        {problem && <Notice tone="danger">{problem}</Notice>}
      </div>
      <TimesStep
        wish={wish}
        gone={model.gone.value}
        busy={busy}
        onPick={(provider, slot) => void model.pick(provider, slot)}
        otherwise={props.otherwise}
      />
      {busy && (
        <div class="book__waiting">
          <Loading
            words={model.lost.value ? 'The connection is thin. Still asking for this time…' : 'Holding this time…'}
          />
        </div>
      )}
    </>
  );
};
