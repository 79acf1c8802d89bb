import type { Availability, TimeOff } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { removeTimeOff } from '../../api/staff-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { Icon } from '../../ui/icons.tsx';
import { Notice } from '../../ui/notice.tsx';
import { TimeOffDialog } from './time-off-dialog.tsx';
import { timeOffWords } from './time-off-words.ts';

/** Holidays of one's own, conferences, an afternoon at the dentist's. */
export const TimeOffSection = (props: {
  availability: Availability;
  now: number;
  onDone: (words: string) => void;
}): JSX.Element => {
  const { availability, now } = props;
  const { providerId, timeZone, timeOff } = availability;
  const [adding, setAdding] = useState(false);
  const act = useAct();
  const remove = ({ id, ...span }: TimeOff) =>
    act.run(
      { id },
      () => removeTimeOff(providerId, id),
      () => props.onDone(`Time off taken back: ${timeOffWords(span, now, timeZone)}.`),
    );
  return (
    <section class="stack" aria-labelledby="time-off">
      <h2 id="time-off">Time off</h2>
      {timeOff.length === 0 && <p class="soft">None is planned.</p>}
      <ul class="rules">
        {timeOff.map((one) => (
          <li key={one.id} class="rule" data-testid="time-off">
            <div>
              <p>
                <strong>{timeOffWords(one, now, timeZone)}</strong>
              </p>
              {one.label && <p class="soft small">{one.label}</p>}
            </div>
            <button
              type="button"
              class="button button--quiet"
              data-testid="time-off-remove"
              aria-label={`Remove time off ${timeOffWords(one, now, timeZone)}`}
              disabled={act.busy}
              onClick={() => void remove(one)}
            >
              Remove
            </button>
          </li>
        ))}
      </ul>
      {act.error && <Notice tone="danger">{act.error.message}</Notice>}
      <p>
        <button
          type="button"
          class="button button--secondary"
          data-testid="time-off-add"
          onClick={() => setAdding(true)}
        >
          <Icon name="calendar" /> Take time off
        </button>
      </p>
      {adding && (
        <TimeOffDialog
          availability={availability}
          now={now}
          onClose={() => setAdding(false)}
          onDone={(words) => {
            setAdding(false);
            props.onDone(words);
          }}
        />
      )}
    </section>
  );
};
