import type { ComponentChildren, JSX } from 'preact';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { FormEnd } from '../../ui/form-end.tsx';
import type { Dated } from './dated.ts';
import { type ChangeList, useChange } from './dated-list.tsx';

const SOURCE_MAX = 300;

export interface DatesGiven {
  readonly validFrom: string;
  /** Empty: no end. */
  readonly validTo: string;
  readonly source: string;
}

/** As core takes them. */
export const datesOf = ({ validFrom, validTo, source }: DatesGiven): Dated & { source: string } => ({
  validFrom,
  source: source.trim(),
  ...(validTo && { validTo }),
});

/** The same for what is written down nowhere else. */
export const daysOf = ({ validFrom, validTo }: DatesGiven): Dated => ({ validFrom, ...(validTo && { validTo }) });

/** A dialog that adds rules to a list: their own fields first, then from when until when and where it says so. */
export const AddDated = <Row extends Dated>(props: {
  title: string;
  dates: DatesGiven;
  onDates: (dates: DatesGiven) => void;
  /** Where such a rule is written down, as an example; absent: it is written down here alone. */
  sourceHint?: string;
  /** Most often one. */
  rows: readonly Row[];
  changeList: ChangeList<Row>;
  onClose: () => void;
  onDone: () => void;
  children: ComponentChildren;
}): JSX.Element => {
  const { dates, onDates } = props;
  const change = useChange(props.changeList);
  return (
    <Dialog title={props.title} wide onClose={props.onClose}>
      <form
        class="rule-form"
        data-testid="dated-form"
        onSubmit={(event) => {
          event.preventDefault();
          void change.run((rows) => [...rows, ...props.rows], props.onDone);
        }}
      >
        {props.children}
        <div class="fields">
          <Field label="First day">
            <input
              type="date"
              class="input"
              required
              value={dates.validFrom}
              data-testid="dated-from"
              onInput={(event) => onDates({ ...dates, validFrom: event.currentTarget.value })}
            />
          </Field>
          <Field label="Last day (optional)">
            <input
              type="date"
              class="input"
              min={dates.validFrom}
              value={dates.validTo}
              data-testid="dated-to"
              onInput={(event) => onDates({ ...dates, validTo: event.currentTarget.value })}
            />
          </Field>
        </div>
        {props.sourceHint !== undefined && (
          <Field label="Where it is written down" hint={props.sourceHint}>
            <input
              class="input"
              required
              maxLength={SOURCE_MAX}
              value={dates.source}
              data-testid="dated-source"
              onInput={(event) => onDates({ ...dates, source: event.currentTarget.value })}
            />
          </Field>
        )}
        <FormEnd problem={change.error} send="Save" busy={change.busy} testId="dated-save" onClose={props.onClose} />
      </form>
    </Dialog>
  );
};
