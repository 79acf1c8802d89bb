import type { JSX } from 'preact';
import { Icon } from '../../ui/icons.tsx';
import './date-nav.css';
import { addDays } from '../../text/zoned.ts';

/** To the day or week before and after, to today, to any date. */
export const DateNav = (props: {
  date: string;
  today: string;
  stepDays: number;
  /** "week" or "day" */
  unit: string;
  onDate: (date: string) => void;
}): JSX.Element => {
  const { date, today, stepDays, unit, onDate } = props;
  return (
    <div class="date-nav">
      <button
        type="button"
        class="button button--secondary date-nav__step"
        aria-label={`Previous ${unit}`}
        data-testid="date-previous"
        onClick={() => onDate(addDays(date, -stepDays))}
      >
        <Icon name="back" />
      </button>
      <button type="button" class="button button--secondary" data-testid="date-today" onClick={() => onDate(today)}>
        Today
      </button>
      <button
        type="button"
        class="button button--secondary date-nav__step date-nav__step--next"
        aria-label={`Next ${unit}`}
        data-testid="date-next"
        onClick={() => onDate(addDays(date, stepDays))}
      >
        <Icon name="back" />
      </button>
      <input
        type="date"
        class="input date-nav__date"
        aria-label="Go to date"
        value={date}
        data-testid="date-input"
        onChange={(event) => event.currentTarget.value && onDate(event.currentTarget.value)}
      />
    </div>
  );
};
