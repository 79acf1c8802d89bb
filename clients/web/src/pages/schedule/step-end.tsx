import type { JSX } from 'preact';
import type { Act } from '../../hooks/use-act.ts';
import { Notice } from '../../ui/notice.tsx';

/** The end of a step in a panel: why it was not done, the button that does it and the one that leads back. */
export const StepEnd = (props: {
  act: Act;
  /** What the button says, and what while the answer is awaited. */
  words: readonly [still: string, busy: string];
  /** What it takes away cannot be had back. */
  isDanger?: boolean;
  testId?: string;
  /** Absent: the button sends the form that the step is. */
  onAct?: () => Promise<void>;
  back: string;
  backTestId?: string;
  onBack: () => void;
}): JSX.Element => {
  const { act, onAct } = props;
  const [still, busy] = props.words;
  return (
    <>
      {act.error && <Notice tone="danger">{act.error.message}</Notice>}
      <div class="visit-panel__acts">
        <button
          type={onAct ? 'button' : 'submit'}
          class={`button button--${props.isDanger === true ? 'danger' : 'primary'}`}
          data-testid={props.testId ?? 'panel-confirm'}
          disabled={act.busy}
          onClick={onAct && (() => void onAct())}
        >
          {act.busy ? busy : still}
        </button>
        <button type="button" class="button button--quiet" data-testid={props.backTestId} onClick={props.onBack}>
          {props.back}
        </button>
      </div>
    </>
  );
};
