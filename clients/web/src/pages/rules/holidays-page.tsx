import type { Holiday } from '@bedside/protocol';
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { fetchHolidays, saveHolidays, type Versioned } from '../../api/rules-api.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { useNow } from '../../hooks/use-now.ts';
import { me } from '../../session.ts';
import { dayWords } from '../../text/visits.ts';
import { wallClock } from '../../text/zoned.ts';
import { Field } from '../../ui/field.tsx';
import { Loading, Notice } from '../../ui/notice.tsx';
import { SaveProblem } from '../../ui/save-problem.tsx';
import { isAdmin } from '../../ui/staff-frame.tsx';
import { type ChangeList, changeOf, useChange } from './dated-list.tsx';
import { RulesFrame } from './rules-frame.tsx';

/** "Thursday, December 25, 2026". */
const dateOf = ({ date }: Holiday): string => `${dayWords(date)}, ${date.slice(0, 4)}`;

/** On which days the house is closed. */
export const HolidaysPage = (): JSX.Element => {
  const loaded = useLoaded(fetchHolidays);
  const [done, setDone] = useState('');
  return (
    <RulesFrame
      title="Holidays"
      about="On these days nothing can be booked, except with those whose hours say that they work on holidays. Visits that are booked stay."
      done={done}
    >
      {loaded.error && <Notice tone="danger">{loaded.error.message}</Notice>}
      {!loaded.value && !loaded.error && <Loading words="Looking up the holidays…" />}
      {loaded.value && <Holidays holidays={loaded.value} onReload={loaded.reloaded} onDone={setDone} />}
    </RulesFrame>
  );
};

const Holidays = (props: {
  holidays: Versioned<Holiday>;
  onReload: () => Promise<void>;
  onDone: (words: string) => void;
}): JSX.Element => {
  const { holidays, onDone } = props;
  const today = wallClock(useNow(), me.value?.timeZone ?? 'UTC').date;
  const changeList = changeOf(holidays, { save: saveHolidays, reload: props.onReload });
  const change = useChange(changeList);
  const coming = holidays.rows.filter(({ date }) => date >= today);
  const past = holidays.rows.filter(({ date }) => date < today);
  const remove = (holiday: Holiday) =>
    change.run(
      (rows) => rows.filter(({ date }) => date !== holiday.date),
      () => onDone(`${holiday.name} is no holiday any more.`),
    );
  const item = (holiday: Holiday, acts: ComponentChildren): JSX.Element => (
    <li key={holiday.date} class="rule" data-testid="holiday">
      <div>
        <p>
          <strong>{holiday.name}</strong>
        </p>
        <p class="soft small">{dateOf(holiday)}</p>
      </div>
      {acts}
    </li>
  );
  return (
    <section class="stack" aria-label="Holidays">
      {coming.length === 0 && <p class="soft">No holiday is ahead.</p>}
      <ul class="rules">
        {coming.map((holiday) =>
          item(
            holiday,
            isAdmin() && (
              <div class="rule__acts">
                <button
                  type="button"
                  class="button button--quiet"
                  data-testid="holiday-remove"
                  aria-label={`Remove ${holiday.name}, ${dateOf(holiday)}`}
                  onClick={() => void remove(holiday)}
                >
                  Remove
                </button>
              </div>
            ),
          ),
        )}
      </ul>
      {past.length > 0 && (
        <details class="advanced">
          <summary>{past.length === 1 ? 'One that is over' : `${past.length} that are over`}</summary>
          <ul class="rules">{past.map((holiday) => item(holiday, undefined))}</ul>
        </details>
      )}
      <SaveProblem
        problem={change.error}
        afterConflict="Their change is loaded now and nothing was removed: remove it again if it is to go."
      />
      {isAdmin() && <AddHoliday today={today} changeList={changeList} onDone={onDone} />}
    </section>
  );
};

const AddHoliday = (props: {
  today: string;
  changeList: ChangeList<Holiday>;
  onDone: (words: string) => void;
}): JSX.Element => {
  const [date, setDate] = useState('');
  const [name, setName] = useState('');
  const change = useChange(props.changeList);
  const add = (event: Event) => {
    event.preventDefault();
    const holiday = { date, name: name.trim() };
    void change.run(
      // A day is a holiday once: the new name takes the place of the old.
      (rows) => [...rows.filter((one) => one.date !== date), holiday],
      () => {
        setDate('');
        setName('');
        props.onDone(`${holiday.name} is a holiday: ${dateOf(holiday)}.`);
      },
    );
  };
  return (
    <form class="stack" data-testid="holiday-form" onSubmit={add}>
      <h2>Add a holiday</h2>
      <div class="add-line">
        <Field label="Day">
          <input
            type="date"
            class="input"
            required
            min={props.today}
            value={date}
            data-testid="holiday-date"
            onInput={(event) => setDate(event.currentTarget.value)}
          />
        </Field>
        <Field label="Name">
          <input
            class="input"
            required
            maxLength={100}
            value={name}
            data-testid="holiday-name"
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </Field>
        <button type="submit" class="button button--secondary" data-testid="holiday-add" disabled={change.busy}>
          {change.busy ? 'Saving…' : 'Add the holiday'}
        </button>
      </div>
      <SaveProblem
        problem={change.error}
        afterConflict="Their change is loaded now and yours is still here: add the holiday again to have both."
      />
    </form>
  );
};
