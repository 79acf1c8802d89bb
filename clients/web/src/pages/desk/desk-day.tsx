import type { ProviderCalendar } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useMedia } from '../../hooks/use-media.ts';
import { useNow } from '../../hooks/use-now.ts';
import { useRefresh } from '../../hooks/use-refresh.ts';
import { useSettled } from '../../hooks/use-settled.ts';
import { useTitle } from '../../hooks/use-title.ts';
import { availabilityPath, DESK_BOOK } from '../../routes.ts';
import { me } from '../../session.ts';
import { zoneName } from '../../text/time.ts';
import { dayWords } from '../../text/visits.ts';
import { wallClock } from '../../text/zoned.ts';
import { Field } from '../../ui/field.tsx';
import { Loading, Notice } from '../../ui/notice.tsx';
import { isDesk, StaffFrame } from '../../ui/staff-frame.tsx';
import { NotFoundPage } from '../not-found-page.tsx';
import { DateNav } from '../schedule/date-nav.tsx';
import { DoneLine } from '../schedule/done-line.tsx';
import '../schedule/schedule.css';
import { SessionDialog } from '../schedule/session-dialog.tsx';
import { needsALook, onTheDay, TimeGrid } from '../schedule/time-grid.tsx';
import { useOpened } from '../schedule/use-opened.ts';
import { VisitPanel } from '../schedule/visit-panel.tsx';
import './desk.css';
import { ShowMore } from '../../ui/show-more.tsx';
import { DeskList } from './desk-list.tsx';
import { useDeskDay, useSpecialties } from './use-desk-day.ts';

const WIDE = '(min-width: 60rem)';

export const DeskDay = (): JSX.Element => (isDesk() ? <Day /> : <NotFoundPage />);

const matches = (calendar: ProviderCalendar, name: string): boolean =>
  calendar.provider.displayName.toLowerCase().includes(name.trim().toLowerCase());

/** One day of everybody: who is seen when, by whom, and how it stands. */
const Day = (): JSX.Element => {
  useTitle('Front desk');
  const now = useNow();
  const zone = me.value?.timeZone ?? 'UTC';
  const today = wallClock(now, zone).date;
  const [date, setDate] = useState(today);
  const [specialty, setSpecialty] = useState('');
  const [name, setName] = useState('');
  const day = useDeskDay({ date, zone, specialty, name: useSettled(name) });
  const specialties = useSpecialties();
  const [planning, setPlanning] = useState(false);
  const [done, setDone] = useState('');
  const isWide = useMedia(WIDE);
  useRefresh(day.reload);
  const shown = (day.items ?? []).filter((calendar) => matches(calendar, name));
  const opened = useOpened(day.items?.flatMap(({ appointments }) => appointments) ?? []);
  const calendar = day.items?.find(({ provider }) => provider.id === opened.visit?.provider.id);
  const finish = (words: string) => {
    opened.close();
    setPlanning(false);
    setDone(words);
    day.reload();
  };
  const count = shown.reduce((sum, one) => sum + onTheDay(one.appointments).length, 0);
  return (
    <StaffFrame wide>
      <div class="schedule">
        <div class="schedule__head">
          <div>
            <h1 aria-live="polite">{dayWords(date)}</h1>
            <p class="soft">
              Times are in {zoneName(zone)}.{day.items && ` ${count === 1 ? 'One visit' : `${count} visits`}.`}
            </p>
          </div>
          <DateNav date={date} today={today} stepDays={1} unit="day" onDate={setDate} />
        </div>
        <div class="desk-filter">
          <Field label="Specialty">
            <select
              class="select"
              value={specialty}
              data-testid="desk-specialty"
              onChange={(event) => setSpecialty(event.currentTarget.value)}
            >
              <option value="">All</option>
              {specialties.map((one) => (
                <option key={one} value={one}>
                  {one}
                </option>
              ))}
            </select>
          </Field>
          <Field label="Provider’s name">
            <input
              type="search"
              class="input"
              value={name}
              data-testid="desk-name"
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </Field>
          <div class="desk-filter__acts">
            <button
              type="button"
              class="button button--secondary"
              data-testid="new-session"
              onClick={() => setPlanning(true)}
            >
              Set up a group session
            </button>
            <a class="button button--primary" href={DESK_BOOK} data-testid="desk-book">
              Book for a patient
            </a>
          </div>
        </div>
        <DoneLine words={done} />
        {day.error && <Notice tone="danger">{day.error.message}</Notice>}
        {!day.items && !day.error && <Loading words="Looking up the day…" />}
        {day.items && shown.length === 0 && (
          <p class="soft">{name ? 'No provider has such a name.' : 'Nobody works here in this specialty.'}</p>
        )}
        {shown.length > 0 &&
          (isWide ? (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
            <section class="desk-scroll" aria-label="Calendars, scrolls sideways" tabIndex={0}>
              <TimeGrid
                columns={shown.map((one) => ({
                  key: one.provider.id,
                  date,
                  head: <ProviderHead calendar={one} zone={zone} />,
                  open: one.open,
                  blocks: one.blocks,
                  visits: one.appointments,
                }))}
                timeZone={zone}
                now={now}
                onOpen={opened.open}
              />
            </section>
          ) : (
            <DeskList calendars={shown} date={date} zone={zone} now={now} onOpen={opened.open} />
          ))}
        <ShowMore more={day.more} words="Show more providers" testId="desk-more" />
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
      {planning && <SessionDialog now={now} onClose={() => setPlanning(false)} onDone={finish} />}
    </StaffFrame>
  );
};

const ProviderHead = ({ calendar, zone }: { calendar: ProviderCalendar; zone: string }): JSX.Element => {
  const { provider } = calendar;
  return (
    <>
      <h2>{provider.displayName}</h2>
      <p>
        {provider.specialty}
        {provider.timeZone !== zone && `, keeps ${zoneName(provider.timeZone)}`} ·{' '}
        <a href={availabilityPath(provider.id)} aria-label={`Hours of ${provider.displayName}`}>
          Hours
        </a>
      </p>
    </>
  );
};
