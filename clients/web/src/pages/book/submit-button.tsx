import type { JSX } from 'preact';

/** The button that ends a form. It keeps the focus while an answer is awaited, and says what happens. */
export const SubmitButton = (props: {
  busy: boolean;
  /** The last answer was lost. */
  lost: boolean;
  words: string;
  busyWords: string;
  testId: string;
}): JSX.Element => (
  <div class="stack submit">
    <button
      type="submit"
      class="button button--primary button--large"
      data-testid={props.testId}
      aria-disabled={props.busy}
      onClick={(event) => props.busy && event.preventDefault()}
    >
      {props.busy ? props.busyWords : props.words}
    </button>
    <p role="status" class="soft small">
      {props.busy && props.lost && 'The connection is thin. We keep trying, and nothing is done twice.'}
    </p>
  </div>
);
