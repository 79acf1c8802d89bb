import type { JSX } from 'preact';
import { addDays, instantOf } from '../../text/zoned.ts';
import { Field } from '../../ui/field.tsx';

/** From when until when, as a form has it: whole days, or by the clock. Dates are `YYYY-MM-DD`, times `HH:MM`. */
export interface Span {
  readonly from: string;
  readonly to: string;
  readonly allDay: boolean;
  readonly fromTime: string;
  readonly toTime: string;
}

/** One whole day. */
export const dayAsSpan = (date: string): Span => ({
  from: date,
  to: date,
  allDay: true,
  fromTime: '12:00',
  toTime: '17:00',
});

/** In ms, the last day with; undefined while something is missing. `isBackwards`: it ends before it starts. */
export const instantsOf = (
  { from, to, allDay, fromTime, toTime }: Span,
  timeZone: string,
): { startsMs: number; endsMs: number; isBackwards: boolean } | undefined => {
  if (from === '' || to === '' || (!allDay && (fromTime === '' || toTime === ''))) return undefined;
  const startsMs = instantOf(from, allDay ? '00:00' : fromTime, timeZone);
  const endsMs = allDay ? instantOf(addDays(to, 1), '00:00', timeZone) : instantOf(to, toTime, timeZone);
  return { startsMs, endsMs, isBackwards: endsMs <= startsMs };
};

export const SpanFields = (props: { span: Span; testId: string; onSpan: (span: Span) => void }): JSX.Element => {
  const { span, testId, onSpan } = props;
  return (
    <>
      <label class="check">
        <input
          type="checkbox"
          checked={span.allDay}
          data-testid={`${testId}-all-day`}
          onChange={(event) => onSpan({ ...span, allDay: event.currentTarget.checked })}
        />
        <span>Whole days</span>
      </label>
      <div class="fields">
        <Field label="First day">
          <input
            type="date"
            class="input"
            value={span.from}
            data-testid={`${testId}-from`}
            onInput={(event) => {
              const { value } = event.currentTarget;
              onSpan({ ...span, from: value, to: span.to < value ? value : span.to });
            }}
          />
        </Field>
        {!span.allDay && (
          <Field label="From">
            <input
              type="time"
              class="input"
              value={span.fromTime}
              onInput={(event) => onSpan({ ...span, fromTime: event.currentTarget.value })}
            />
          </Field>
        )}
        <Field label="Last day">
          <input
            type="date"
            class="input"
            value={span.to}
            data-testid={`${testId}-to`}
            onInput={(event) => onSpan({ ...span, to: event.currentTarget.value })}
          />
        </Field>
        {!span.allDay && (
          <Field label="Until">
            <input
              type="time"
              class="input"
              value={span.toTime}
              onInput={(event) => onSpan({ ...span, toTime: event.currentTarget.value })}
            />
          </Field>
        )}
      </div>
    </>
  );
};
