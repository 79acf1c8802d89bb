import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type ApiError, apiErrorOf } from '../../api/http.ts';
import type { Versioned } from '../../api/rules-api.ts';
import { noteSignedOut } from '../../session.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { FormEnd } from '../../ui/form-end.tsx';
import { Notice } from '../../ui/notice.tsx';
import { isAdmin } from '../../ui/staff-frame.tsx';
import { type Dated, datesWords, endedIn, has, isOver } from './dated.ts';

/** Puts the changed list in the place of the one that is shown. */
export type ChangeList<Row> = (change: (rows: readonly Row[]) => readonly Row[]) => Promise<void>;

/**
 * A change is of the list that is shown: where somebody else was faster, theirs is loaded and nothing is saved yet. It is
 * done when the list is shown as it became, so that the next change is of that one.
 */
export const changeOf =
  <Row,>(
    shown: Versioned<Row> | undefined,
    how: { save: (list: Versioned<Row>) => Promise<unknown>; reload: () => Promise<void> },
  ): ChangeList<Row> =>
  async (change) => {
    if (shown === undefined) return;
    try {
      await how.save({ version: shown.version, rows: change(shown.rows) });
    } catch (cause) {
      if (apiErrorOf(cause).code === 'version_conflict') await how.reload();
      throw cause;
    }
    await how.reload();
  };

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
        <LastDayDialog
          row={ending}
          isThere={has(rows, ending)}
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

const LastDayDialog = <Row extends Dated>(props: {
  row: Row;
  /** False: it was ended or removed meanwhile. */
  isThere: boolean;
  today: string;
  sentence: string;
  changeList: ChangeList<Row>;
  onClose: () => void;
  onDone: (words: string) => void;
}): JSX.Element => {
  const { row, today, sentence } = props;
  const [lastDay, setLastDay] = useState(row.validTo ?? today);
  const change = useChange(props.changeList);
  const isMine = props.isThere || change.busy;
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
        {!isMine && (
          <Notice tone="warm" icon="info">
            <p role="alert">Somebody else changed this a moment ago. Close to see what it says now.</p>
          </Notice>
        )}
        <FormEnd
          problem={isMine ? change.error : undefined}
          send="Save"
          busy={change.busy}
          isReady={props.isThere}
          testId="end-save"
          onClose={props.onClose}
        />
      </form>
    </Dialog>
  );
};
