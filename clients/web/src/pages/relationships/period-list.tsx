import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useAct } from '../../hooks/use-act.ts';
import { me } from '../../session.ts';
import { EndDialog } from '../../ui/end-dialog.tsx';
import '../../ui/rows.css';
import { type Period, periodWords } from './relationship-words.ts';

interface Entry extends Period {
  readonly id: string;
}

/** What is in force or to come, each to be ended by those who may; below it what is over. */
export const PeriodList = <Row extends Entry>(props: {
  rows: readonly Row[];
  now: number;
  none: string;
  testId: string;
  title: (row: Row) => string;
  canEnd: (row: Row) => boolean;
  end: (id: string) => Promise<undefined>;
  /** Told when it is ended. */
  ended: (row: Row) => string;
  onDone: (words: string) => void;
}): JSX.Element => {
  const { rows, now, testId, title } = props;
  const zone = me.value?.timeZone ?? 'UTC';
  const [ending, setEnding] = useState<Row>();
  const act = useAct();
  const past = rows.filter((row) => row.state === 'over');
  const current = rows.filter((row) => row.state !== 'over');
  const item = (row: Row, name: string, acts: ComponentChildren): JSX.Element => (
    <li key={row.id} class="rule" data-testid={name}>
      <div>
        <p>
          <strong>{title(row)}</strong>
        </p>
        <p class="soft small">{periodWords(row, now, zone)}</p>
      </div>
      {acts}
    </li>
  );
  const close = () => {
    setEnding(undefined);
    act.forget();
  };
  return (
    <>
      {current.length === 0 && <p class="soft">{props.none}</p>}
      <ul class="rules">
        {current.map((row) =>
          item(
            row,
            testId,
            props.canEnd(row) && (
              <button
                type="button"
                class="button button--quiet"
                data-testid={`${testId}-end`}
                aria-label={`End: ${title(row)}`}
                onClick={() => setEnding(row)}
              >
                End
              </button>
            ),
          ),
        )}
      </ul>
      {past.length > 0 && (
        <details class="advanced">
          <summary data-testid={`${testId}-past`}>
            {past.length === 1 ? 'One that is over' : `${past.length} that are over`}
          </summary>
          <ul class="rules">{past.map((row) => item(row, `${testId}-over`, undefined))}</ul>
        </details>
      )}
      {ending && (
        <EndDialog
          title="End this now?"
          end="End it"
          testId={`${testId}-end-confirm`}
          busy={act.busy}
          problem={act.error}
          onEnd={() =>
            void act.run(
              { id: ending.id },
              ({ id }) => props.end(id),
              () => {
                close();
                props.onDone(props.ended(ending));
              },
            )
          }
          onClose={close}
        >
          <p>{title(ending)}: no longer, from now on.</p>
        </EndDialog>
      )}
    </>
  );
};
