import type { ProviderCalendar } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { watchDay } from '../../api/core-api.ts';
import { fetchCalendar } from '../../api/staff-api.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { useMedia } from '../../hooks/use-media.ts';
import { useNow } from '../../hooks/use-now.ts';
import { useRefresh } from '../../hooks/use-refresh.ts';
import { useTitle } from '../../hooks/use-title.ts';
import { AVAILABILITY } from '../../routes.ts';
import { me } from '../../session.ts';
import { zoneName } from '../../text/time.ts';
import { addDays, instantOf, isoInstant, wallClock, weekOf, weekWords } from '../../text/zoned.ts';
import { Loading, Notice } from '../../ui/notice.tsx';
import { isProvider, StaffFrame } from '../../ui/staff-frame.tsx';
import { NotFoundPage } from '../not-found-page.tsx';
import { DateNav } from '../schedule/date-nav.tsx';
import { DoneLine } from '../schedule/done-line.tsx';
import { placeOn } from '../schedule/grid-model.ts';
import '../schedule/schedule.css';
import { SessionDialog } from '../schedule/session-dialog.tsx';
import { type GridColumn, needsALook, onTheDay, TimeGrid } from '../schedule/time-grid.tsx';
import { useOpened } from '../schedule/use-opened.ts';
import { VisitPanel } from '../schedule/visit-panel.tsx';
import { DayHead, DayPicker } from './days.tsx';

const WIDE = '(min-width: 60rem)';

export const CalendarPage = (): JSX.Element => (isProvider() ? <Calendar /> : <NotFoundPage />);

const columnsOf = (calendar: ProviderCalendar, dates: readonly string[], today: string): GridColumn[] =>
  dates.map((date) => ({
    key: date,
    date,
    head: <DayHead date={date} today={today} />,
    open: calendar.open,
    blocks: calendar.blocks,
    visits: calendar.appointments,
  }));

/** The provider's own week: what is open, what is booked, and how it stands. */
const Calendar = (): JSX.Element => {
  useTitle('Your calendar');
  const now = useNow();
  const zone = me.value?.timeZone ?? 'UTC';
  const today = wallClock(now, zone).date;
  const [date, setDate] = useState(today);
  const week = weekOf(date);
  const from = isoInstant(instantOf(week[0] ?? date, '00:00', zone));
  const to = isoInstant(instantOf(addDays(week[6] ?? date, 1), '00:00', zone));
  // Of somebody who also keeps the desk, not everybody's.
  const own = me.value?.person.id;
  const { value, error, reload } = useLoaded(
    () => fetchCalendar({ from, to, ...(own && { providerIds: [own] }) }),
    from,
  );
  const [planning, setPlanning] = useState(false);
  const [done, setDone] = useState('');
  const isWide = useMedia(WIDE);
  useEffect(() => watchDay(reload), [reload]);
  useRefresh(reload);
  const calendar = value?.calendars[0];
  const visits = calendar?.appointments ?? [];
  const opened = useOpened(visits);
  const outside = calendar ? onTheDay(visits).filter((one) => needsALook(one, calendar.open, now)) : [];
  const finish = (words: string) => {
    opened.close();
    setPlanning(false);
    setDone(words);
    reload();
  };
  const countOn = (day: string): number => placeOn(onTheDay(visits), { date: day, timeZone: zone }).length;
  return (
    <StaffFrame wide>
      <div class="schedule">
        <div class="schedule__head">
          <div>
            <h1 aria-live="polite">{weekWords(week)}</h1>
            <p class="soft">
              Times are in {zoneName(zone)}
              {calendar &&
                calendar.provider.timeZone !== zone &&
                `; your hours are kept in ${zoneName(calendar.provider.timeZone)}`}
              . <a href={AVAILABILITY}>Change your hours</a>
            </p>
          </div>
          <DateNav date={date} today={today} stepDays={7} unit="week" onDate={setDate} />
        </div>
        <p>
          <button
            type="button"
            class="button button--secondary"
            data-testid="new-session"
            onClick={() => setPlanning(true)}
          >
            Set up a group session
          </button>
        </p>
        <DoneLine words={done} />
        {error && <Notice tone="danger">{error.message}</Notice>}
        {outside.length > 0 && <OutsideNotice count={outside.length} />}
        {!isWide && <DayPicker week={week} date={date} today={today} countOn={countOn} onDate={setDate} />}
        {!value && !error && <Loading words="Looking up your week…" />}
        {calendar && (
          <TimeGrid
            columns={columnsOf(calendar, isWide ? week : [date], today)}
            timeZone={zone}
            now={now}
            onOpen={opened.open}
          />
        )}
      </div>
      {opened.visit && (
        <VisitPanel
          key={opened.visit.id}
          visit={opened.visit}
          now={now}
          outside={calendar !== undefined && needsALook(opened.visit, calendar.open, now)}
          onClose={opened.close}
          onDone={finish}
        />
      )}
      {planning && own && (
        <SessionDialog providerId={own} now={now} onClose={() => setPlanning(false)} onDone={finish} />
      )}
    </StaffFrame>
  );
};

const OutsideNotice = ({ count }: { count: number }): JSX.Element => (
  <Notice tone="warm" icon="warning">
    <p>
      {count === 1
        ? 'One visit of this week lies outside your hours.'
        : `${count} visits of this week lie outside your hours.`}{' '}
      Nothing was cancelled: move or cancel what you cannot keep. They are marked below.
    </p>
  </Notice>
);
