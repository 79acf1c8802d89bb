import type { Appointment, ProviderCalendar } from '@bedside/protocol';
import type { JSX } from 'preact';
import { availabilityPath } from '../../routes.ts';
import { clockTime, zoneName } from '../../text/time.ts';
import { patientName } from '../../text/visits.ts';
import { clockWords } from '../../text/zoned.ts';
import { placeOn } from '../schedule/grid-model.ts';
import { blockWords, needsALook, onTheDay } from '../schedule/time-grid.tsx';
import { isPresent, statusWords } from '../schedule/visit-words.ts';

const rangeWords = ({ from, to }: { from: number; to: number }): string => `${clockWords(from)} – ${clockWords(to)}`;

/** The day on a small screen: provider under provider, their visits in order. */
export const DeskList = (props: {
  calendars: readonly ProviderCalendar[];
  date: string;
  zone: string;
  now: number;
  onOpen: (visit: Appointment) => void;
}): JSX.Element => {
  const { date, zone, now } = props;
  const on = { date, timeZone: zone };
  return (
    <div class="desk-list">
      {props.calendars.map(({ provider, open, blocks, appointments }) => {
        const visits = placeOn(onTheDay(appointments), on);
        const hours = placeOn(open, on);
        return (
          <section key={provider.id} class="desk-list__provider" aria-labelledby={`desk-${provider.id}`}>
            <h2 id={`desk-${provider.id}`}>{provider.displayName}</h2>
            <p class="soft small">
              {provider.specialty}
              {provider.timeZone !== zone && `, keeps ${zoneName(provider.timeZone)}`} ·{' '}
              <a href={availabilityPath(provider.id)} aria-label={`Hours of ${provider.displayName}`}>
                Hours
              </a>
            </p>
            <p class="soft small numeric">
              {hours.length > 0 ? `Open ${hours.map(rangeWords).join(', ')}` : 'Not open'}
              {placeOn(blocks, on).map((one) => ` · ${blockWords(one.item)} ${rangeWords(one)}`)}
            </p>
            <ol class="desk-list__visits">
              {visits.map(({ item: visit }) => (
                <li key={visit.id}>
                  <button
                    type="button"
                    class="desk-list__visit"
                    data-testid="calendar-visit"
                    data-appointment-id={visit.id}
                    onClick={() => props.onOpen(visit)}
                  >
                    <span class="desk-list__time numeric">{clockTime(visit.startsAt, zone)}</span>
                    <span class="desk-list__who">
                      <strong>{patientName(visit)}</strong>
                      <span class="soft small">
                        {visit.visitType.name}
                        {needsALook(visit, open, now) && ', outside the open hours'}
                      </span>
                    </span>
                    <span class={`chip${isPresent(visit) ? ' chip--live' : ''}`}>{statusWords(visit)}</span>
                  </button>
                </li>
              ))}
              {visits.length === 0 && <li class="soft small">No visits</li>}
            </ol>
          </section>
        );
      })}
    </div>
  );
};
