import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { shortDate } from '../../text/zoned.ts';
import type { DayOfRule } from './recurrence.ts';
import type { RuleForm } from './rule-form.ts';

const toggled = (dates: readonly string[], date: string): string[] =>
  dates.includes(date) ? dates.filter((one) => one !== date) : [...dates, date];

const STATE_WORDS: Record<DayOfRule['state'], string> = { on: '', skipped: 'skipped', added: 'added' };
const ACT_WORDS: Record<DayOfRule['state'], string> = { on: 'Skip', skipped: 'Keep', added: 'Take out' };

/** The next days that a rule makes; each can be skipped, and others added. */
export const RuleDays = (props: {
  /** Undefined: only core can tell. */
  days: readonly DayOfRule[] | undefined;
  form: RuleForm;
  set: (change: Partial<RuleForm>) => void;
  today: string;
}): JSX.Element => {
  const { days, form, set, today } = props;
  const [extra, setExtra] = useState('');
  return (
    <fieldset class="plain-set">
      <legend class="field__label">The next days</legend>
      {days === undefined && (
        <p class="soft small">Which days this rule makes shows below “The next weeks” once it is saved.</p>
      )}
      {days?.length === 0 && <p class="soft small">None in the next three months.</p>}
      {days && days.length > 0 && (
        <ul class="rule-days">
          {days.map(({ date, state }) => (
            <li key={date} class={`rule-day rule-day--${state}`} data-testid="rule-day" data-state={state}>
              <span>{shortDate(date)}</span>
              {STATE_WORDS[state] && <span class="small">{STATE_WORDS[state]}</span>}
              <button
                type="button"
                class="text-button small"
                aria-label={`${ACT_WORDS[state]} ${shortDate(date)}`}
                onClick={() =>
                  state === 'added'
                    ? set({ rdates: toggled(form.rdates, date) })
                    : set({ exdates: toggled(form.exdates, date) })
                }
              >
                {ACT_WORDS[state]}
              </button>
            </li>
          ))}
        </ul>
      )}
      <div class="row">
        <input
          type="date"
          class="input rule-days__extra"
          aria-label="Further day"
          min={today}
          value={extra}
          onInput={(event) => setExtra(event.currentTarget.value)}
        />
        <button
          type="button"
          class="button button--secondary"
          disabled={!extra}
          onClick={() => {
            set({
              rdates: form.rdates.includes(extra) ? form.rdates : [...form.rdates, extra],
              exdates: form.exdates.filter((date) => date !== extra),
            });
            setExtra('');
          }}
        >
          Add this day
        </button>
      </div>
    </fieldset>
  );
};
