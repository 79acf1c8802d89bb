import type { JSX } from 'preact';
import { Field } from '../../ui/field.tsx';
import { ALL_WEEKDAYS } from './recurrence.ts';
import type { RuleForm } from './rule-form.ts';
import { WEEKDAYS } from './rule-words.ts';

const MAX_WEEKS = 12;

/** On which days: by chips of the week, every so many weeks, from a day on, until another. */
export const RepeatFields = ({
  form,
  set,
}: {
  form: RuleForm;
  set: (change: Partial<RuleForm>) => void;
}): JSX.Element => (
  <>
    <Field label="How often">
      <select
        class="select"
        value={form.repeats}
        data-testid="rule-repeats"
        onChange={(event) => {
          const repeats = event.currentTarget.value;
          if (repeats === 'weekly' || repeats === 'once' || repeats === 'other') set({ repeats });
        }}
      >
        <option value="weekly">By the week</option>
        <option value="once">Once</option>
        {form.repeats === 'other' && <option value="other">By a rule of its own (below)</option>}
      </select>
    </Field>
    {form.repeats === 'weekly' && (
      <fieldset class="plain-set">
        <legend class="field__label">Days</legend>
        <div class="weekday-chips">
          {ALL_WEEKDAYS.map((day) => (
            <label key={day} class="weekday-chip">
              <input
                type="checkbox"
                checked={form.weekdays.includes(day)}
                data-testid="rule-weekday"
                onChange={(event) =>
                  set({
                    weekdays: event.currentTarget.checked
                      ? [...form.weekdays, day]
                      : form.weekdays.filter((one) => one !== day),
                  })
                }
              />
              <span>
                <span aria-hidden="true">{WEEKDAYS[day]?.slice(0, 3)}</span>
                <span class="visually-hidden">{WEEKDAYS[day]}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
    )}
    <div class="fields">
      {form.repeats === 'weekly' && (
        <Field label="Every">
          <select
            class="select"
            value={String(form.everyWeeks)}
            onChange={(event) => set({ everyWeeks: Number(event.currentTarget.value) })}
          >
            {Array.from({ length: Math.max(MAX_WEEKS, form.everyWeeks) }, (_, index) => index + 1).map((weeks) => (
              <option key={weeks} value={String(weeks)}>
                {weeks === 1 ? 'week' : weeks === 2 ? 'other week' : `${weeks} weeks`}
              </option>
            ))}
          </select>
        </Field>
      )}
      <Field label={form.repeats === 'once' ? 'Day' : 'From (first day)'}>
        <input
          type="date"
          class="input"
          value={form.startsOn}
          data-testid="rule-starts-on"
          onInput={(event) => set({ startsOn: event.currentTarget.value })}
        />
      </Field>
      {form.repeats === 'weekly' && (
        <Field label="Until (last day, optional)">
          <input
            type="date"
            class="input"
            value={form.until}
            onInput={(event) => set({ until: event.currentTarget.value })}
          />
        </Field>
      )}
    </div>
  </>
);
