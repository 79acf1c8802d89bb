import type { Availability } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { addTimeOff } from '../../api/staff-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { addDays, instantOf, isoInstant, wallClock } from '../../text/zoned.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { Notice } from '../../ui/notice.tsx';
import { timeOffWords } from './time-off-words.ts';

/** From when until when, by whole days or by the clock of the hours' zone. */
export const TimeOffDialog = (props: {
  availability: Availability;
  now: number;
  onClose: () => void;
  onDone: (words: string) => void;
}): JSX.Element => {
  const { providerId, timeZone } = props.availability;
  const today = wallClock(props.now, timeZone).date;
  const [from, setFrom] = useState(today);
  const [to, setTo] = useState(today);
  const [allDay, setAllDay] = useState(true);
  const [fromTime, setFromTime] = useState('12:00');
  const [toTime, setToTime] = useState('17:00');
  const [label, setLabel] = useState('');
  const act = useAct();
  const ready = from !== '' && to !== '' && (allDay || (fromTime !== '' && toTime !== ''));
  const startsMs = ready ? instantOf(from, allDay ? '00:00' : fromTime, timeZone) : 0;
  const endsMs = ready ? (allDay ? instantOf(addDays(to, 1), '00:00', timeZone) : instantOf(to, toTime, timeZone)) : 0;
  const isBackwards = ready && endsMs <= startsMs;
  const add = () => {
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
          if (ready && !isBackwards) void add();
        }}
      >
        <label class="check">
          <input type="checkbox" checked={allDay} onChange={(event) => setAllDay(event.currentTarget.checked)} />
          <span>Whole days</span>
        </label>
        <div class="fields">
          <Field label="First day">
            <input
              type="date"
              class="input"
              value={from}
              data-testid="time-off-from"
              onInput={(event) => {
                setFrom(event.currentTarget.value);
                if (to < event.currentTarget.value) setTo(event.currentTarget.value);
              }}
            />
          </Field>
          {!allDay && (
            <Field label="From">
              <input
                type="time"
                class="input"
                value={fromTime}
                onInput={(event) => setFromTime(event.currentTarget.value)}
              />
            </Field>
          )}
          <Field label="Last day">
            <input
              type="date"
              class="input"
              value={to}
              data-testid="time-off-to"
              onInput={(event) => setTo(event.currentTarget.value)}
            />
          </Field>
          {!allDay && (
            <Field label="Until">
              <input
                type="time"
                class="input"
                value={toTime}
                onInput={(event) => setToTime(event.currentTarget.value)}
              />
            </Field>
          )}
        </div>
        <Field label="What for (optional)" hint="Only staff see it.">
          <input class="input" maxLength={100} value={label} onInput={(event) => setLabel(event.currentTarget.value)} />
        </Field>
        <p class="soft">
          Visits that are booked in this time stay booked and are listed, so that somebody can move them.
        </p>
        {isBackwards && <Notice tone="danger">The end has to come after the start.</Notice>}
        {act.error && <Notice tone="danger">{act.error.message}</Notice>}
        <div class="row">
          <button
            type="submit"
            class="button button--primary"
            data-testid="time-off-save"
            disabled={act.busy || !ready || isBackwards}
          >
            {act.busy ? 'Saving…' : 'Take this time off'}
          </button>
          <button type="button" class="button button--quiet" onClick={props.onClose}>
            Close
          </button>
        </div>
      </form>
    </Dialog>
  );
};
