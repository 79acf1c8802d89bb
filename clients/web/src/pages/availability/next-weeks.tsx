import type { Appointment, PersonId, ProviderCalendar } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { fetchCalendar } from '../../api/staff-api.ts';
import { type Loaded, useLoaded } from '../../hooks/use-loaded.ts';
import { me } from '../../session.ts';
import { zoneName } from '../../text/time.ts';
import { patientName } from '../../text/visits.ts';
import { addDays, clockWords, DAY_MINUTES, instantOf, isoInstant, shortDate, wallClock } from '../../text/zoned.ts';
import { Loading, Notice } from '../../ui/notice.tsx';
import { placeOn } from '../schedule/grid-model.ts';
import { blockWords, needsALook, onTheDay } from '../schedule/time-grid.tsx';
import { useOpened } from '../schedule/use-opened.ts';
import { VisitPanel } from '../schedule/visit-panel.tsx';
import { whenWords } from '../schedule/visit-words.ts';

const DAYS = 28;

/** What the rules come to in the next four weeks, as core counts them. */
export const useNextWeeks = (
  providerId: PersonId,
  timeZone: string,
  now: number,
): Loaded<ProviderCalendar | undefined> => {
  const [today] = useState(() => wallClock(now, timeZone).date);
  return useLoaded(async () => {
    const { calendars } = await fetchCalendar({
      from: isoInstant(instantOf(today, '00:00', timeZone)),
      to: isoInstant(instantOf(addDays(today, DAYS), '00:00', timeZone)),
      providerIds: [providerId],
    });
    return calendars[0];
  }, `${providerId} ${timeZone}`);
};

const rangeWords = ({ from, to }: { from: number; to: number }): string => `${clockWords(from)} – ${clockWords(to)}`;

const isWholeDay = ({ from, to }: { from: number; to: number }): boolean => from === 0 && to === DAY_MINUTES;

export const NextWeeks = ({
  calendar,
  timeZone,
  now,
}: {
  calendar: ProviderCalendar | undefined;
  timeZone: string;
  now: number;
}): JSX.Element => {
  const today = wallClock(now, timeZone).date;
  const days = calendar
    ? Array.from({ length: DAYS }, (_, ahead) => addDays(today, ahead)).map((date) => ({
        date,
        open: placeOn(calendar.open, { date, timeZone }),
        blocks: placeOn(calendar.blocks, { date, timeZone }),
      }))
    : [];
  const busy = days.filter(({ open, blocks }) => open.length > 0 || blocks.length > 0);
  return (
    <section class="stack" aria-labelledby="next-weeks">
      <h2 id="next-weeks">The next weeks</h2>
      {!calendar && <Loading words="Counting the days…" />}
      {calendar && busy.length === 0 && <p class="soft">Nothing is open in the next four weeks.</p>}
      <ul class="next-days" data-testid="next-weeks">
        {busy.map(({ date, open, blocks }) => (
          <li key={date} class="next-day">
            <strong>{shortDate(date)}</strong>
            <span class="numeric">
              {open.length > 0 ? open.map(rangeWords).join(', ') : 'Not open'}
              {blocks.map((one) => (
                <span key={`${one.item.kind} ${one.from}`} class="soft small next-day__block">
                  {blockWords(one.item)}
                  {!isWholeDay(one) && `, ${rangeWords(one)}`}
                </span>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
};

/** Booked visits that no opening holds any more, so that somebody acts. */
export const OutsideVisits = (props: {
  calendar: ProviderCalendar | undefined;
  now: number;
  onDone: (words: string) => void;
}): JSX.Element => {
  const { calendar, now } = props;
  const zone = me.value?.timeZone ?? 'UTC';
  const outside = (visits: readonly Appointment[]): Appointment[] =>
    onTheDay(visits).filter((visit) => calendar && needsALook(visit, calendar.open, now));
  const visits = calendar ? outside(calendar.appointments) : [];
  const opened = useOpened(visits);
  return (
    <>
      {visits.length > 0 && (
        <Notice tone="warm" icon="warning">
          <h2 class="outside-title">
            {visits.length === 1 ? 'One booked visit lies' : `${visits.length} booked visits lie`} outside these hours
          </h2>
          <p>
            Nothing was cancelled. Move or cancel what cannot be kept.
            {calendar && calendar.provider.timeZone !== zone && ` Times of visits are in ${zoneName(zone)}.`}
          </p>
          <ul class="outside-list" data-testid="outside-visits">
            {visits.map((one) => (
              <li key={one.id}>
                <button
                  type="button"
                  class="text-button numeric"
                  data-testid="outside-visit"
                  onClick={() => opened.open(one)}
                >
                  {whenWords(one, now, zone)}, {patientName(one)}
                </button>
              </li>
            ))}
          </ul>
        </Notice>
      )}
      {opened.visit && (
        <VisitPanel
          key={opened.visit.id}
          visit={opened.visit}
          now={now}
          outside
          onClose={opened.close}
          onDone={(words) => {
            opened.close();
            props.onDone(words);
          }}
        />
      )}
    </>
  );
};
