import type { JSX } from 'preact';
import type { ApiError } from '../api/http.ts';
import { Notice } from './notice.tsx';
import { SaveProblem } from './save-problem.tsx';

/** The end of a form in a dialog: why it was not taken, the button that sends it and the one that leaves it. */
export const FormEnd = (props: {
  /** Words are shown as they are; an error with what to do about it. */
  problem: ApiError | string | undefined;
  /** What the button says. */
  send: string;
  /** What it says while the answer is awaited. */
  sending?: string;
  busy: boolean;
  /** False: there is nothing yet that could be sent. */
  isReady?: boolean;
  testId?: string;
  onClose: () => void;
}): JSX.Element => {
  const { problem, sending = 'Saving…', isReady = true } = props;
  return (
    <>
      {typeof problem === 'string' ? (
        problem && <Notice tone="danger">{problem}</Notice>
      ) : (
        <SaveProblem problem={problem} />
      )}
      <div class="row">
        <button
          type="submit"
          class="button button--primary"
          data-testid={props.testId}
          disabled={props.busy || !isReady}
        >
          {props.busy ? sending : props.send}
        </button>
        <button type="button" class="button button--quiet" onClick={props.onClose}>
          Close
        </button>
      </div>
    </>
  );
};
