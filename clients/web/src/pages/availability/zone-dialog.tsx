import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { zoneName } from '../../text/time.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { SaveProblem } from '../../ui/save-problem.tsx';
import type { AvailabilityState } from './use-availability.ts';

/** In which zone the hours are kept: 9:00 stays 9:00, on another clock. */
export const ZoneDialog = (props: {
  timeZone: string;
  availability: AvailabilityState;
  onClose: () => void;
  onSaved: (words: string) => void;
}): JSX.Element => {
  const { availability, onClose } = props;
  const [timeZone, setTimeZone] = useState(props.timeZone);
  const zones = [...new Set([props.timeZone, ...Intl.supportedValuesOf('timeZone')])];
  const save = async () => {
    if (await availability.change({ timeZone })) props.onSaved(`Hours are kept in ${zoneName(timeZone)}.`);
  };
  return (
    <Dialog
      title="Time zone of the hours"
      onClose={onClose}
      actions={
        <>
          <button
            type="button"
            class="button button--primary"
            data-testid="zone-save"
            disabled={availability.saving || timeZone === props.timeZone}
            onClick={() => void save()}
          >
            Save
          </button>
          <button type="button" class="button button--secondary" onClick={onClose}>
            Close
          </button>
        </>
      }
    >
      <p class="soft">
        Hours keep what the clock on the wall says: 9:00 AM stays 9:00 AM, in the new zone. Booked visits keep their
        time.
      </p>
      <Field label="Time zone">
        <select
          class="select"
          value={timeZone}
          data-testid="zone-select"
          onChange={(event) => setTimeZone(event.currentTarget.value)}
        >
          {zones.map((zone) => (
            <option key={zone} value={zone}>
              {zone.replaceAll('_', ' ')}
            </option>
          ))}
        </select>
      </Field>
      <SaveProblem problem={availability.problem} />
    </Dialog>
  );
};
