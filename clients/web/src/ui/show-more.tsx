import type { JSX } from 'preact';

/** Below a list that goes on; nothing where it does not. */
export const ShowMore = (props: {
  more: (() => void) | undefined;
  words?: string;
  testId?: string;
}): JSX.Element | null =>
  props.more ? (
    <p>
      <button type="button" class="button button--secondary" data-testid={props.testId} onClick={props.more}>
        {props.words ?? 'Show more'}
      </button>
    </p>
  ) : null;
