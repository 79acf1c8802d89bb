import { PersonId, type ProviderCalendar } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { fetchVisitTypes } from '../../api/scheduling-api.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { useNow } from '../../hooks/use-now.ts';
import { useTitle } from '../../hooks/use-title.ts';
import { CALENDAR_LINK } from '../../routes.ts';
import { me } from '../../session.ts';
import { zoneName } from '../../text/time.ts';
import { wallClock } from '../../text/zoned.ts';
import { Loading, Notice } from '../../ui/notice.tsx';
import { isDesk, isProvider, StaffFrame } from '../../ui/staff-frame.tsx';
import { NotFoundPage } from '../not-found-page.tsx';
import { DoneLine } from '../schedule/done-line.tsx';
import '../schedule/schedule.css';
import '../../ui/rows.css';
import './availability.css';
import { NextWeeks, OutsideVisits, useNextWeeks } from './next-weeks.tsx';
import { RulesSection } from './rules-section.tsx';
import { TimeOffSection } from './time-off-section.tsx';
import { useAvailability } from './use-availability.ts';
import { ZoneDialog } from './zone-dialog.tsx';

/** One's own hours, or those of the provider in the address for the front desk. */
export const AvailabilityPage = (): JSX.Element => {
  const { params } = useRoute();
  const given = PersonId.safeParse(params.providerId);
  const own = me.value?.person.id;
  if (given.success && (isDesk() || given.data === own)) return <Hours key={given.data} providerId={given.data} />;
  if (params.providerId === undefined && isProvider() && own) return <Hours providerId={own} />;
  return <NotFoundPage />;
};

const titleOf = (isOwn: boolean, calendar: ProviderCalendar | undefined): string =>
  isOwn ? 'Your hours' : calendar ? `Hours of ${calendar.provider.displayName}` : 'Hours';

const Hours = ({ providerId }: { providerId: PersonId }): JSX.Element => {
  useTitle('Hours');
  const now = useNow();
  const availability = useAvailability(providerId);
  const types = useLoaded(fetchVisitTypes);
  const isOwn = providerId === me.value?.person.id;
  const value = availability.value;
  const timeZone = value?.timeZone ?? me.value?.timeZone ?? 'UTC';
  const weeks = useNextWeeks(providerId, timeZone, now);
  const [done, setDone] = useState('');
  const [zoneAsked, setZoneAsked] = useState(false);
  const today = wallClock(now, timeZone).date;
  const finish = (words: string) => {
    setDone(words);
    availability.reload();
    weeks.reload();
  };
  const sections = value && {
    availability,
    rules: value.rules,
    visitTypes: types.value ?? [],
    today,
    onDone: finish,
  };
  return (
    <StaffFrame>
      <div class="schedule">
        <div class="schedule__head">
          <div>
            <h1>{titleOf(isOwn, weeks.value)}</h1>
            {value && (
              <p class="soft">
                {zoneName(timeZone)}{' '}
                <button
                  type="button"
                  class="text-button"
                  data-testid="zone-change"
                  onClick={() => {
                    availability.forget();
                    setZoneAsked(true);
                  }}
                >
                  Change the zone
                </button>
              </p>
            )}
          </div>
        </div>
        <DoneLine words={done} />
        {availability.error && <Notice tone="danger">{availability.error.message}</Notice>}
        {!value && !availability.error && <Loading words="Looking up the hours…" />}
        <OutsideVisits calendar={weeks.value} now={now} onDone={finish} />
        {sections && value && (
          <div class="hours">
            <div class="hours__rules">
              <RulesSection kind="open" {...sections} />
              <RulesSection kind="block" {...sections} />
              <TimeOffSection availability={value} now={now} onDone={finish} />
              {isOwn && (
                <section class="stack" aria-labelledby="feeds">
                  <h2 id="feeds">In your own calendar</h2>
                  <p class="soft">
                    A secret link lets another calendar program show when you have visits, not with whom.
                  </p>
                  <p>
                    <a class="button button--secondary" href={CALENDAR_LINK} data-testid="calendar-link">
                      Calendar links
                    </a>
                  </p>
                </section>
              )}
            </div>
            <div class="hours__weeks">
              {weeks.error && <Notice tone="danger">{weeks.error.message}</Notice>}
              <NextWeeks calendar={weeks.value} timeZone={timeZone} now={now} />
            </div>
          </div>
        )}
      </div>
      {zoneAsked && value && (
        <ZoneDialog
          timeZone={value.timeZone}
          availability={availability}
          onClose={() => setZoneAsked(false)}
          onSaved={(words) => {
            setZoneAsked(false);
            finish(words);
          }}
        />
      )}
    </StaffFrame>
  );
};
