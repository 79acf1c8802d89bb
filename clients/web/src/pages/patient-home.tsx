import type { Appointment } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { cancelAppointment, fetchAppointments } from '../api/core-api.ts';
import { apiErrorOf } from '../api/http.ts';
import { useLoaded } from '../hooks/use-loaded.ts';
import { useNow } from '../hooks/use-now.ts';
import { useTitle } from '../hooks/use-title.ts';
import { BOOK, visitPath } from '../routes.ts';
import { me } from '../session.ts';
import { clockTime, dayName, fromNow, timeRange, zoneName } from '../text/time.ts';
import { entryOf, initials, upcoming } from '../text/visits.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Frame } from '../ui/frame.tsx';
import { Icon } from '../ui/icons.tsx';
import { Loading, Notice } from '../ui/notice.tsx';
import './patient-home.css';

const REFRESH_MS = 60_000;

export const PatientHome = (): JSX.Element => {
  useTitle('Your visits');
  const now = useNow();
  const { value, error, reload } = useLoaded(fetchAppointments);
  const [cancelling, setCancelling] = useState<Appointment>();
  useEffect(() => {
    const again = setInterval(reload, REFRESH_MS);
    return () => clearInterval(again);
  }, []);
  const [next, ...later] = upcoming(value ?? [], now);
  return (
    <Frame>
      <div class="home">
        {error && <Notice tone="danger">{error.message}</Notice>}
        {!value && !error && <Loading words="Looking up your visits…" />}
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
        {value && next && (
          <p>
            <a class="button button--secondary" href={BOOK} data-testid="book-open">
              <Icon name="calendar" /> Book another visit
            </a>
          </p>
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
    </Frame>
  );
};

interface VisitProps {
  visit: Appointment;
  now: number;
  onCancel: (visit: Appointment) => void;
}

const ownZone = (): string => me.value?.timeZone ?? 'UTC';

const NextVisit = ({ visit, now, onCancel }: VisitProps): JSX.Element => {
  const zone = ownZone();
  const entry = entryOf(visit, now);
  const started = Date.parse(visit.startsAt) <= now;
  return (
    <section class="next" aria-labelledby="next-visit">
      <p class="next__when">
        {dayName(visit.startsAt, now, zone)}
        <span class="soft"> · {fromNow(visit.startsAt, now, zone)}</span>
      </p>
      <h1 id="next-visit" class="next__time">
        <span class="visually-hidden">Your next visit: </span>
        {clockTime(visit.startsAt, zone)}
      </h1>
      <p class="next__zone soft">{zoneName(zone)}</p>
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
        {entry.state === 'open' ? (
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
        <button type="button" class="button button--quiet" data-testid="cancel-visit" onClick={() => onCancel(visit)}>
          Cancel this visit
        </button>
      </div>
    </section>
  );
};

const LaterVisit = ({ visit, now, onCancel }: VisitProps): JSX.Element => {
  const zone = ownZone();
  return (
    <li class="later__item">
      <div>
        <p>
          <strong>
            {dayName(visit.startsAt, now, zone)}, {timeRange(visit.startsAt, visit.endsAt, zone)}
          </strong>
        </p>
        <p class="soft">
          {visit.visitType.name} with {visit.provider.displayName}
        </p>
      </div>
      <div class="row">
        {entryOf(visit, now).state === 'open' && (
          <a class="button button--secondary" href={visitPath(visit.encounterId)}>
            Join
          </a>
        )}
        <button
          type="button"
          class="button button--quiet"
          aria-label={`Cancel the visit with ${visit.provider.displayName}`}
          onClick={() => onCancel(visit)}
        >
          Cancel
        </button>
      </div>
    </li>
  );
};

const NoVisit = (): JSX.Element => (
  <section class="stack next">
    <h1>No visit is planned.</h1>
    <p class="soft">When you book one, it shows here, and so does the way in.</p>
    <p>
      <a class="button button--primary button--large" href={BOOK} data-testid="book-open">
        Book a visit
      </a>
    </p>
  </section>
);

const CancelDialog = (props: { visit: Appointment; onClose: () => void; onDone: () => void }): JSX.Element => {
  const { visit, onClose, onDone } = props;
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const zone = ownZone();
  const cancel = async () => {
    setBusy(true);
    try {
      await cancelAppointment(visit.id, visit.version);
      onDone();
    } catch (error) {
      setProblem(apiErrorOf(error).message);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title="Cancel this visit?"
      onClose={onClose}
      actions={
        <>
          <button
            type="button"
            class="button button--danger"
            data-testid="cancel-confirm"
            disabled={busy}
            onClick={() => void cancel()}
          >
            Cancel the visit
          </button>
          <button type="button" class="button button--secondary" onClick={onClose}>
            Keep it
          </button>
        </>
      }
    >
      <p>
        {dayName(visit.startsAt, Date.now(), zone)} at {clockTime(visit.startsAt, zone)} with{' '}
        {visit.provider.displayName}. Somebody else can then take this time.
      </p>
      {problem && <Notice tone="danger">{problem}</Notice>}
    </Dialog>
  );
};
