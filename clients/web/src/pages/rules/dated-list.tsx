import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type ApiError, apiErrorOf } from '../../api/http.ts';
import { noteSignedOut } from '../../session.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { isAdmin } from '../../ui/staff-frame.tsx';
import { SaveProblem } from '../availability/save-problem.tsx';
import { type Dated, datesWords, endedIn, isOver } from './dated.ts';

/** Fetches the list anew, so that what others wrote meanwhile stays, and puts the changed one in its place. */
export type ChangeList<Row> = (change: (rows: readonly Row[]) => readonly Row[]) => Promise<void>;

/** A change on its way: one at a time, with what went wrong. */
export const useChange = <Row,>(changeList: ChangeList<Row>) => {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  const run = async (change: (rows: readonly Row[]) => readonly Row[], done: () => void) => {
    setBusy(true);
    setError(undefined);
    try {
      await changeList(change);
      done();
    } catch (cause) {
      const failure = apiErrorOf(cause);
      if (!noteSignedOut(failure)) setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, run };
};

/** Rules in force or to come, then those that are over. Each can be ended; none is ever rewritten. */
export const DatedList = <Row extends Dated>(props: {
  rows: readonly Row[];
  today: string;
  none: string;
  testId: string;
  /** What a rule says, without its dates. */
  sentence: (row: Row) => string;
  changeList: ChangeList<Row>;
  onDone: (words: string) => void;
}): JSX.Element => {
  const { rows, today, sentence } = props;
  const [ending, setEnding] = useState<Row>();
  const current = rows.filter((row) => !isOver(row, today));
  const past = rows.filter((row) => isOver(row, today));
  const item = (row: Row, acts: ComponentChildren): JSX.Element => (
    <li key={JSON.stringify(row)} class="rule" data-testid={props.testId}>
      <div>
        <p>
          <strong>{sentence(row)}</strong>
        </p>
        <p class="soft small">
          {datesWords(row, today)}
          {row.source && ` · ${row.source}`}
        </p>
      </div>
      {acts}
    </li>
  );
  return (
    <>
      {current.length === 0 && <p class="soft">{props.none}</p>}
      <ul class="rules">
        {current.map((row) =>
          item(
            row,
            isAdmin() && (
              <div class="rule__acts">
                <button
                  type="button"
                  class="button button--quiet"
                  data-testid={`${props.testId}-end`}
                  aria-label={`End: ${sentence(row)}`}
                  onClick={() => setEnding(row)}
                >
                  End
                </button>
              </div>
            ),
          ),
        )}
      </ul>
      {past.length > 0 && (
        <details class="advanced">
          <summary>{past.length === 1 ? 'One that is over' : `${past.length} that are over`}</summary>
          <ul class="rules">{past.map((row) => item(row, undefined))}</ul>
        </details>
      )}
      {ending && (
        <EndDialog
          row={ending}
          today={today}
          sentence={sentence(ending)}
          changeList={props.changeList}
          onClose={() => setEnding(undefined)}
          onDone={(words) => {
            setEnding(undefined);
            props.onDone(words);
          }}
        />
      )}
    </>
  );
};

const EndDialog = <Row extends Dated>(props: {
  row: Row;
  today: string;
  sentence: string;
  changeList: ChangeList<Row>;
  onClose: () => void;
  onDone: (words: string) => void;
}): JSX.Element => {
  const { row, today, sentence } = props;
  const [lastDay, setLastDay] = useState(row.validTo ?? today);
  const change = useChange(props.changeList);
  const end = (event: Event) => {
    event.preventDefault();
    void change.run(
      (rows) => endedIn(rows, row, lastDay),
      () => props.onDone(lastDay < row.validFrom ? `Removed: ${sentence}.` : `Ends: ${sentence}.`),
    );
  };
  return (
    <Dialog title="When does it end?" onClose={props.onClose}>
      <form class="rule-form" onSubmit={end}>
        <p>{sentence}</p>
        <Field
          label="Last day"
          hint={
            row.validFrom > today ? 'A day before it begins takes it off the list.' : 'Visits that are booked stay.'
          }
        >
          <input
            type="date"
            class="input"
            required
            value={lastDay}
            data-testid="end-last-day"
            onInput={(event) => setLastDay(event.currentTarget.value)}
          />
        </Field>
        <SaveProblem problem={change.error} />
        <div class="row">
          <button type="submit" class="button button--primary" data-testid="end-save" disabled={change.busy}>
            {change.busy ? 'Saving…' : 'Save'}
          </button>
          <button type="button" class="button button--quiet" onClick={props.onClose}>
            Close
          </button>
        </div>
      </form>
    </Dialog>
  );
};
