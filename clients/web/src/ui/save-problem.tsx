import type { JSX } from 'preact';
import type { ApiError } from '../api/http.ts';
import { Notice } from './notice.tsx';

/** "Must be …" of "rules.0.rrule: must be …": the place is the form that was sent. */
const fixOf = (detail: string): string => {
  const fix = detail.replace(/^[\w.]+: /, '');
  return fix.charAt(0).toUpperCase() + fix.slice(1);
};

/** Why it was not saved, and what to do. */
export const SaveProblem = (props: {
  problem: ApiError | undefined;
  /** What to do where somebody else was faster; absent: what to do in a dialog. */
  afterConflict?: string;
}): JSX.Element | null => {
  const { problem } = props;
  if (!problem) return null;
  if (problem.code === 'version_conflict') {
    return (
      <Notice tone="warm" icon="info">
        <p role="alert" data-testid="version-conflict">
          Somebody else changed this a moment ago.{' '}
          {props.afterConflict ??
            'Their change is loaded now and yours is still here: save again to add it to theirs, or close to keep theirs alone.'}
        </p>
      </Notice>
    );
  }
  return (
    <Notice tone="danger">
      <p>{problem.message}</p>
      {problem.detail && <p class="small">{fixOf(problem.detail)}</p>}
      {problem.fields.map(({ field, message }) => (
        <p key={field} class="small">
          {message}
        </p>
      ))}
    </Notice>
  );
};
