import type { JSX } from 'preact';
import { visitPath } from '../../routes.ts';
import { me } from '../../session.ts';
import { clockThere, dayName, readsTheSame, timeRange, zoneName } from '../../text/time.ts';
import { entryOf } from '../../text/visits.ts';
import { useActing } from '../acting/acting.ts';
import { ChangeVisit } from './change-visit.tsx';
import type { VisitProps } from './next-visit.tsx';

export const LaterVisit = ({ visit, now, onCancel }: VisitProps): JSX.Element => {
  const zone = me.value?.timeZone ?? 'UTC';
  const acting = useActing();
  const theirs = visit.provider.timeZone;
  return (
    <li class="later__item" data-testid="later-visit" data-appointment-id={visit.id}>
      <div>
        <p>
          <strong>
            {dayName(visit.startsAt, now, zone)}, {timeRange(visit.startsAt, visit.endsAt, zone)}
          </strong>
        </p>
        <p class="soft">
          {visit.visitType.name} with {visit.provider.displayName}
        </p>
        {!readsTheSame(visit.startsAt, zone, theirs) && (
          <p class="soft small">
            {zoneName(zone)}, {clockThere(visit.startsAt, zone, theirs)} {zoneName(theirs)} where{' '}
            {visit.provider.displayName} is
          </p>
        )}
      </div>
      <div class="later__go">
        {!acting && entryOf(visit, now).state === 'open' && (
          <a class="button button--secondary" href={visitPath(visit.encounterId)}>
            Join
          </a>
        )}
        <ChangeVisit visit={visit} now={now} onCancel={onCancel} />
      </div>
    </li>
  );
};
