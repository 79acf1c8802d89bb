import type { JSX } from 'preact';
import { shortDate } from '../../text/zoned.ts';

/** "Tue, Nov 24" over a column. */
export const DayHead = ({ date, today }: { date: string; today: string }): JSX.Element => {
  const [weekday, rest] = shortDate(date).split(', ');
  return (
    <div class={date === today ? 'grid__head--today' : undefined}>
      <h2>
        {weekday}
        <span class="visually-hidden">, </span>
      </h2>
      <p>
        {rest}
        {date === today && ', today'}
      </p>
    </div>
  );
};

/** On a small screen one day at a time is shown. */
export const DayPicker = (props: {
  week: readonly string[];
  date: string;
  today: string;
  countOn: (date: string) => number;
  onDate: (date: string) => void;
}): JSX.Element => (
  <ul class="week-days" aria-label="Days of the week">
    {props.week.map((day) => {
      const [weekday] = shortDate(day).split(', ');
      const count = props.countOn(day);
      return (
        <li key={day}>
          <button
            type="button"
            class="week-day"
            aria-pressed={day === props.date}
            data-testid="week-day"
            data-date={day}
            onClick={() => props.onDate(day)}
          >
            <span>{weekday}</span>
            <strong>{Number(day.slice(8))}</strong>
            <span class={`week-day__dot${count > 0 ? ' week-day__dot--some' : ''}`}>
              <span class="visually-hidden">
                {day === props.today && ', today'}, {count === 1 ? 'one visit' : `${count} visits`}
              </span>
            </span>
          </button>
        </li>
      );
    })}
  </ul>
);
