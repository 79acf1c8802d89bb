import type { Availability } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { addTimeOff } from '../../api/staff-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { isoInstant, wallClock } from '../../text/zoned.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { FormEnd } from '../../ui/form-end.tsx';
import { Notice } from '../../ui/notice.tsx';
import { dayAsSpan, instantsOf, SpanFields } from '../schedule/span-fields.tsx';
import { timeOffWords } from './time-off-words.ts';

/** From when until when, by whole days or by the clock of the hours' zone. */
export const TimeOffDialog = (props: {
  availability: Availability;
  now: number;
  onClose: () => void;
  onDone: (words: string) => void;
}): JSX.Element => {
  const { providerId, timeZone } = props.availability;
  const [span, setSpan] = useState(() => dayAsSpan(wallClock(props.now, timeZone).date));
  const [label, setLabel] = useState('');
  const act = useAct();
  const period = instantsOf(span, timeZone);
  const add = ({ startsMs, endsMs }: { startsMs: number; endsMs: number }) => {
    const request = { startsAt: isoInstant(startsMs), endsAt: isoInstant(endsMs), label: label.trim() };
    return act.run(
      request,
      (body, how) => addTimeOff(providerId, body, how),
      (made) => props.onDone(`Time off: ${timeOffWords(made, props.now, timeZone)}.`),
    );
  };
  return (
    <Dialog title="Take time off" wide onClose={props.onClose}>
      <form
        class="rule-form"
        data-testid="time-off-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (period && !period.isBackwards) void add(period);
        }}
      >
        <SpanFields span={span} testId="time-off" onSpan={setSpan} />
        <Field label="What for (optional)" hint="Only staff see it.">
          <input class="input" maxLength={100} value={label} onInput={(event) => setLabel(event.currentTarget.value)} />
        </Field>
        <p class="soft">
          Visits that are booked in this time stay booked and are listed, so that somebody can move them.
        </p>
        {period?.isBackwards && <Notice tone="danger">The end has to come after the start.</Notice>}
        <FormEnd
          problem={act.error?.message}
          send="Take this time off"
          busy={act.busy}
          isReady={period !== undefined && !period.isBackwards}
          testId="time-off-save"
          onClose={props.onClose}
        />
      </form>
    </Dialog>
  );
};
