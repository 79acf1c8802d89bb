import type { JSX } from 'preact';
import { me } from '../../session.ts';
import { changeWords } from '../../text/booking.ts';
import { dayAndTime } from '../../text/time.ts';
import { isChangeable } from '../../text/visits.ts';
import { PhoneLine } from '../../ui/phone-line.tsx';
import { maySchedule, useActing, usePatientPaths } from '../acting/acting.ts';
import type { VisitProps } from './next-visit.tsx';

/** Move and cancel while both can be done here, and until when; after that, the phone. */
export const ChangeVisit = (props: VisitProps & { withPhone?: boolean }): JSX.Element | null => {
  const { visit, now, onCancel } = props;
  const zone = me.value?.timeZone ?? 'UTC';
  const which = `the visit with ${visit.provider.displayName}, ${dayAndTime(visit.startsAt, now, zone)}`;
  const { words, mustCall } = changeWords(visit, now, zone);
  const acting = useActing();
  const paths = usePatientPaths();
  const cancelWords = visit.group ? `Give ${acting ? 'the' : 'my'} seat back` : 'Cancel';
  if (!isChangeable(visit) || !maySchedule(acting)) return null;
  return (
    <div class="change">
      {!mustCall && (
        <div class="row change__buttons">
          {!visit.group && (
            <a
              class="button button--quiet"
              href={paths.move(visit.id)}
              data-testid="move-visit"
              aria-label={`Move ${which}`}
            >
              Move
            </a>
          )}
          <button
            type="button"
            class="button button--quiet"
            data-testid="cancel-visit"
            aria-label={`${cancelWords}: ${which}`}
            onClick={() => onCancel(visit)}
          >
            {cancelWords}
          </button>
        </div>
      )}
      <p class="soft small" data-testid="change-policy">
        {words}
      </p>
      {mustCall && props.withPhone && <PhoneLine words="The clinic’s phone:" />}
    </div>
  );
};
