import type { WaitlistEntry } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { withdrawFromWaitlist } from '../../api/scheduling-api.ts';
import { fetchLine } from '../../api/staff-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { useNow } from '../../hooks/use-now.ts';
import { usePages } from '../../hooks/use-pages.ts';
import { useRefresh } from '../../hooks/use-refresh.ts';
import { useTimeLeft } from '../../hooks/use-time-left.ts';
import { useTitle } from '../../hooks/use-title.ts';
import { me } from '../../session.ts';
import { countdown, dayAndTime, waitedFor, zoneName } from '../../text/time.ts';
import { waitlistWords } from '../../text/waitlist.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Icon } from '../../ui/icons.tsx';
import { Loading, Notice } from '../../ui/notice.tsx';
import { isDesk, StaffFrame } from '../../ui/staff-frame.tsx';
import { NotFoundPage } from '../not-found-page.tsx';
import { DoneLine } from '../schedule/done-line.tsx';
import '../schedule/schedule.css';
import './desk.css';
import { ShowMore } from '../../ui/show-more.tsx';
import { AddToLine } from './add-to-line.tsx';

export const DeskWaitlist = (): JSX.Element => (isDesk() ? <Line /> : <NotFoundPage />);

/** Who waits for which time, in the order in which freed times are offered. */
const Line = (): JSX.Element => {
  useTitle('Waitlist');
  const now = useNow();
  const zone = me.value?.timeZone ?? 'UTC';
  const line = usePages(async (cursor) => {
    const { entries, next } = await fetchLine(cursor);
    return { items: entries, next };
  });
  const [done, setDone] = useState('');
  const [adding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<WaitlistEntry>();
  useRefresh(line.reload);
  const finish = (words: string) => {
    setAdding(false);
    setLeaving(undefined);
    setDone(words);
    line.reload();
  };
  return (
    <StaffFrame>
      <div class="schedule">
        <div class="schedule__head">
          <div>
            <h1>Waitlist</h1>
            <p class="soft">
              A time that comes free is offered to the first it fits, then to the next. Times are in {zoneName(zone)}.
            </p>
          </div>
          <button type="button" class="button button--primary" data-testid="line-add" onClick={() => setAdding(true)}>
            Add a patient
          </button>
        </div>
        <DoneLine words={done} />
        {line.error && <Notice tone="danger">{line.error.message}</Notice>}
        {!line.items && !line.error && <Loading words="Looking up who waits…" />}
        {line.items?.length === 0 && <p class="soft">Nobody waits.</p>}
        <ol class="line">
          {line.items?.map((entry, index) => (
            <li key={entry.id} class="line__entry" data-testid="line-entry" data-entry-id={entry.id}>
              <span class="line__place numeric" aria-hidden="true">
                {index + 1}
              </span>
              <div class="line__words">
                <h2>{entry.patient.displayName}</h2>
                <p>{waitlistWords(entry, now, zone)}</p>
                <p class="soft small">Waiting for {waitedFor(entry.createdAt, now)}</p>
                {entry.offer && <LiveOffer offer={entry.offer} now={now} zone={zone} onOver={line.reload} />}
              </div>
              <button
                type="button"
                class="button button--quiet"
                data-testid="line-withdraw"
                aria-label={`Take off the list: ${entry.patient.displayName}`}
                onClick={() => setLeaving(entry)}
              >
                Take off the list
              </button>
            </li>
          ))}
        </ol>
        <ShowMore more={line.more} />
      </div>
      {adding && <AddToLine onClose={() => setAdding(false)} onDone={finish} />}
      {leaving && <WithdrawDialog entry={leaving} onClose={() => setLeaving(undefined)} onDone={finish} />}
    </StaffFrame>
  );
};

const LiveOffer = (props: {
  offer: NonNullable<WaitlistEntry['offer']>;
  now: number;
  zone: string;
  onOver: () => void;
}): JSX.Element => {
  const { offer, now, zone } = props;
  const leftMs = useTimeLeft(offer.expiresAt, props.onOver);
  return (
    <p class="line__offer" data-testid="line-offer">
      <Icon name="clock" />
      <span>
        Offered: {dayAndTime(offer.startsAt, now, zone)} with {offer.provider.displayName},{' '}
        {leftMs > 0 ? (
          <>
            <span class="numeric">{countdown(leftMs)}</span> left to answer
          </>
        ) : (
          'not answered in time'
        )}
      </span>
    </p>
  );
};

const WithdrawDialog = (props: {
  entry: WaitlistEntry;
  onClose: () => void;
  onDone: (words: string) => void;
}): JSX.Element => {
  const { entry, onClose } = props;
  const act = useAct();
  const withdraw = () =>
    act.run(
      { id: entry.id },
      ({ id }, how) => withdrawFromWaitlist(id, how),
      () => props.onDone(`${entry.patient.displayName} waits no more for ${entry.visitType.name}.`),
    );
  return (
    <Dialog
      title={`Take ${entry.patient.displayName} off the list?`}
      onClose={onClose}
      actions={
        <>
          <button
            type="button"
            class="button button--danger"
            data-testid="line-withdraw-confirm"
            disabled={act.busy}
            onClick={() => void withdraw()}
          >
            Take off the list
          </button>
          <button type="button" class="button button--secondary" onClick={onClose}>
            Keep waiting
          </button>
        </>
      }
    >
      <p>{waitlistWords(entry, Date.now(), me.value?.timeZone ?? 'UTC')}</p>
      <p class="soft">The place in line is lost.</p>
      {act.error && <Notice tone="danger">{act.error.message}</Notice>}
    </Dialog>
  );
};
