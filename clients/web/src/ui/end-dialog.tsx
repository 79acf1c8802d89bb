import type { ComponentChildren, JSX } from 'preact';
import type { ApiError } from '../api/http.ts';
import { Dialog } from './dialog.tsx';
import { SaveProblem } from './save-problem.tsx';

/** Asks before something is ended that is not taken back. */
export const EndDialog = (props: {
  title: string;
  /** What the button says that ends it. */
  end: string;
  testId: string;
  busy: boolean;
  problem: ApiError | undefined;
  onEnd: () => void;
  onClose: () => void;
  /** What ending it means. */
  children: ComponentChildren;
}): JSX.Element => (
  <Dialog
    title={props.title}
    onClose={props.onClose}
    actions={
      <>
        <button
          type="button"
          class="button button--danger"
          data-testid={props.testId}
          // It keeps the focus while the answer is awaited.
          aria-disabled={props.busy}
          onClick={props.onEnd}
        >
          {props.busy ? 'One moment…' : props.end}
        </button>
        <button type="button" class="button button--secondary" onClick={props.onClose}>
          Keep it
        </button>
      </>
    }
  >
    {props.children}
    <SaveProblem problem={props.problem} />
  </Dialog>
);
