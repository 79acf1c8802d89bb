import type { JSX } from 'preact';
import { REGIONS } from '../../text/regions.ts';
import { Field } from '../../ui/field.tsx';

/** Where the patient will be, asked of whoever books for them. */
export const PatientRegion = (props: { value: string; onPick: (code: string) => void }): JSX.Element => (
  <Field label="State the patient will be in" hint="Only providers licensed there are shown.">
    <select
      class="select"
      required
      value={props.value}
      data-testid="desk-region"
      onChange={(event) => props.onPick(event.currentTarget.value)}
    >
      <option value="">Choose a state</option>
      {REGIONS.map(({ code, name }) => (
        <option key={code} value={code}>
          {name}
        </option>
      ))}
    </select>
  </Field>
);
