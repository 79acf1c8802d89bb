import type { JSX } from 'preact';
import { Field } from '../../ui/field.tsx';
import { StateSelect } from '../../ui/state-select.tsx';

/** Where the patient will be, asked of whoever books for them. */
export const PatientRegion = (props: { value: string; onPick: (code: string) => void }): JSX.Element => (
  <Field label="State the patient will be in" hint="Only providers licensed there are shown.">
    <StateSelect value={props.value} testId="desk-region" onPick={props.onPick} />
  </Field>
);
