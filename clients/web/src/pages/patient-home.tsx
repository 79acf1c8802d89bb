import type { Appointment } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { fetchComingVisits } from '../api/patients-api.ts';
import { fetchAppointments } from '../api/scheduling-api.ts';
import { useLoaded } from '../hooks/use-loaded.ts';
import { useNow } from '../hooks/use-now.ts';
import { useTitle } from '../hooks/use-title.ts';
import { CALENDAR_LINK, PRIVACY, RESUME } from '../routes.ts';
import { upcoming } from '../text/visits.ts';
import { liveOffers, stillWaiting } from '../text/waitlist.ts';
import { Icon } from '../ui/icons.tsx';
import { Loading, Notice } from '../ui/notice.tsx';
import { type ActedFor, maySchedule, useActing, usePatientPaths } from './acting/acting.ts';
import { fetchInHand } from './acting/in-hand.ts';
import { PatientFrame } from './acting/patient-frame.tsx';
import { HeldBefore } from './book/held-before.tsx';
import { CancelDialog } from './patient-home/cancel-dialog.tsx';
import { LaterVisit } from './patient-home/later-visit.tsx';
import { NextVisit, NoVisit } from './patient-home/next-visit.tsx';
import { Offers } from './patient-home/offers.tsx';
import { Waitlist } from './patient-home/waitlist.tsx';
import { scopesWords } from './relationships/relationship-words.ts';
import './patient-home.css';

const REFRESH_MS = 60_000;
/** Whoever waits in line looks more often: an offer is theirs for minutes. */
const REFRESH_IN_LINE_MS = 10_000;

const load = async (acting: ActedFor | undefined) => {
  const [visits, { waitlist, holds }] = await Promise.all([
    acting ? fetchComingVisits(acting.id, Date.now()) : fetchAppointments(),
    fetchInHand(acting),
  ]);
  return { visits, waitlist, holds };
};

/** One's own visits, or those of somebody for whom one acts: what is offered, what comes next, later, what is waited for. */
export const PatientHome = (): JSX.Element => (
  <PatientFrame>
    <Visits />
  </PatientFrame>
);

const Visits = (): JSX.Element => {
  const acting = useActing();
  const paths = usePatientPaths();
  useTitle(acting ? 'Visits' : 'Your visits');
  const now = useNow();
  const { route } = useLocation();
  const { value, error, reload } = useLoaded(() => load(acting));
  const [cancelling, setCancelling] = useState<Appointment>();
  const [next, ...later] = upcoming(value?.visits ?? [], now);
  const waiting = stillWaiting(value?.waitlist ?? [], now);
  const offers = liveOffers(value?.waitlist ?? [], now);
  const refreshMs = waiting.length > 0 ? REFRESH_IN_LINE_MS : REFRESH_MS;
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === 'visible') reload();
    };
    const again = setInterval(look, refreshMs);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(again);
      document.removeEventListener('visibilitychange', look);
    };
  }, [refreshMs]);
  return (
    <>
      <div class="home">
        {error && <Notice tone="danger">{error.message}</Notice>}
        {!value && !error && <Loading words={acting ? 'Looking up the visits…' : 'Looking up your visits…'} />}
        {acting && (
          <p class="soft" data-testid="acting-for">
            For {acting.displayName} you {scopesWords(acting.scopes)}.
          </p>
        )}
        <Offers offers={offers} now={now} onOver={reload} />
        {value?.holds.map((hold) => (
          <HeldBefore key={hold.id} hold={hold} onResume={() => route(`${paths.book}?${RESUME}`)} />
        ))}
        {value && (next ? <NextVisit visit={next} now={now} onCancel={setCancelling} /> : <NoVisit />)}
        {later.length > 0 && (
          <section class="stack" aria-labelledby="later-visits">
            <h2 id="later-visits">Later</h2>
            <ul class="later">
              {later.map((visit) => (
                <LaterVisit key={visit.id} visit={visit} now={now} onCancel={setCancelling} />
              ))}
            </ul>
          </section>
        )}
        <Waitlist entries={waiting} now={now} onChange={reload} />
        {value && (
          <div class="row">
            {next && maySchedule(acting) && (
              <a class="button button--secondary" href={paths.book} data-testid="book-open">
                <Icon name="calendar" /> Book another visit
              </a>
            )}
            {!acting && <OwnPages />}
          </div>
        )}
      </div>
      {cancelling && (
        <CancelDialog
          visit={cancelling}
          onClose={() => setCancelling(undefined)}
          onDone={() => {
            setCancelling(undefined);
            reload();
          }}
        />
      )}
    </>
  );
};

const OwnPages = (): JSX.Element => (
  <>
    <a class="button button--quiet" href={CALENDAR_LINK} data-testid="calendar-open">
      Your visits in your own calendar
    </a>
    <a class="button button--quiet" href={PRIVACY} data-testid="privacy-open">
      Your record and privacy
    </a>
  </>
);
