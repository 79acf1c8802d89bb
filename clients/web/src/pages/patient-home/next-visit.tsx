import type { Appointment } from '@bedside/protocol';
import type { JSX } from 'preact';
import { visitPath } from '../../routes.ts';
import { me } from '../../session.ts';
import { clockThere, clockTime, dayName, fromNow, readsTheSame, zoneName } from '../../text/time.ts';
import { entryOf, initials } from '../../text/visits.ts';
import { Icon } from '../../ui/icons.tsx';
import { maySchedule, useActing, usePatientPaths } from '../acting/acting.ts';
import { ChangeVisit } from './change-visit.tsx';

export interface VisitProps {
  visit: Appointment;
  now: number;
  onCancel: (visit: Appointment) => void;
}

/** The next visit, large: when, with whom, the way in, and what can be changed. */
export const NextVisit = ({ visit, now, onCancel }: VisitProps): JSX.Element => {
  const zone = me.value?.timeZone ?? 'UTC';
  const theirs = visit.provider.timeZone;
  const entry = entryOf(visit, now);
  const acting = useActing();
  const started = Date.parse(visit.startsAt) <= now;
  return (
    <section class="next" aria-labelledby="next-visit">
      <p class="next__when">
        {dayName(visit.startsAt, now, zone)}
        <span class="soft"> · {fromNow(visit.startsAt, now, zone)}</span>
      </p>
      <h1 id="next-visit" class="next__time">
        <span class="visually-hidden">{acting ? 'The next visit: ' : 'Your next visit: '}</span>
        {clockTime(visit.startsAt, zone)}
      </h1>
      <p class="next__zone soft">
        {zoneName(zone)}
        {!readsTheSame(visit.startsAt, zone, theirs) &&
          `, ${clockThere(visit.startsAt, zone, theirs)} ${zoneName(theirs)} where ${visit.provider.displayName} is`}
      </p>
      <div class="next__who">
        <span class="avatar" aria-hidden="true">
          {initials(visit.provider.displayName)}
        </span>
        <div>
          <p>
            <strong>{visit.provider.displayName}</strong>
          </p>
          <p class="soft">
            {visit.visitType.name}, {visit.visitType.durationMinutes} minutes
          </p>
        </div>
      </div>
      <div class="next__go">
        {acting ? (
          <p class="next__early" data-testid="join-theirs">
            <Icon name="clock" />
            <span>
              {entry.state === 'open'
                ? `${acting.displayName} can join now, from their own home page.`
                : `${acting.displayName} can join from ${clockTime(visit.opensAt, zone)} on that day, from their own home page.`}
            </span>
          </p>
        ) : entry.state === 'open' ? (
          <a class="button button--primary button--large" href={visitPath(visit.encounterId)} data-testid="join-visit">
            {started ? 'Join now' : 'Join the visit'}
          </a>
        ) : (
          <p class="next__early" data-testid="join-early">
            <Icon name="clock" />
            <span>
              You can join from {clockTime(visit.opensAt, zone)}
              {fromNow(visit.opensAt, now, zone).startsWith('in') && `, ${fromNow(visit.opensAt, now, zone)}`}. The
              button appears here.
            </span>
          </p>
        )}
      </div>
      <ChangeVisit visit={visit} now={now} onCancel={onCancel} withPhone />
    </section>
  );
};

export const NoVisit = (): JSX.Element => {
  const acting = useActing();
  const { book } = usePatientPaths();
  return (
    <section class="stack next">
      <h1>No visit is planned.</h1>
      <p class="soft">
        {acting ? 'When one is booked, it shows here.' : 'When you book one, it shows here, and so does the way in.'}
      </p>
      {maySchedule(acting) && (
        <p>
          <a class="button button--primary button--large" href={book} data-testid="book-open">
            Book a visit
          </a>
        </p>
      )}
    </section>
  );
};
