import type { Appointment, PersonId } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { fetchMessages, fetchPatientVisits } from '../../api/patients-api.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { useNow } from '../../hooks/use-now.ts';
import { usePages } from '../../hooks/use-pages.ts';
import { me } from '../../session.ts';
import { clockTime, timeRange } from '../../text/time.ts';
import { dateWords, wallClock } from '../../text/zoned.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Loading, Notice } from '../../ui/notice.tsx';
import '../../ui/rows.css';
import { statusWords } from '../schedule/visit-words.ts';

/** A patient's visits, past ones too, newest first, to be read and not to be changed. */
export const PatientVisits = ({ patientId }: { patientId: PersonId }): JSX.Element => {
  const zone = me.value?.timeZone ?? 'UTC';
  const today = wallClock(useNow(60_000), zone).date;
  const list = usePages<Appointment>(async (cursor) => {
    const { appointments, next } = await fetchPatientVisits(patientId, cursor);
    return { items: appointments, next };
  }, patientId);
  const [reading, setReading] = useState<Appointment>();
  const whenOf = ({ startsAt, endsAt }: Appointment): string =>
    `${dateWords(wallClock(Date.parse(startsAt), zone).date, today)}, ${timeRange(startsAt, endsAt, zone)}`;
  return (
    <section aria-labelledby="patient-visits">
      <h2 id="patient-visits">Visits</h2>
      {list.error && <Notice tone="danger">{list.error.message}</Notice>}
      {!list.items && !list.error && <Loading words="Looking up the visits…" />}
      {list.items?.length === 0 && <p class="soft">There is none.</p>}
      <ul class="rules">
        {list.items?.map((visit) => (
          <li key={visit.id} class="rule" data-testid="patient-visit">
            <div>
              <p class="row">
                <strong class="numeric">{whenOf(visit)}</strong>
                <span class="chip">{statusWords(visit)}</span>
              </p>
              <p>
                {visit.visitType.name} with{' '}
                {[visit.provider, ...visit.additional].map(({ displayName }) => displayName).join(', ')}
              </p>
            </div>
            <button
              type="button"
              class="button button--quiet"
              data-testid="visit-messages"
              aria-label={`Messages of ${whenOf(visit)}`}
              onClick={() => setReading(visit)}
            >
              Messages
            </button>
          </li>
        ))}
      </ul>
      {list.more && (
        <p>
          <button type="button" class="button button--secondary" onClick={list.more}>
            Show earlier ones
          </button>
        </p>
      )}
      {reading && <Messages visit={reading} when={whenOf(reading)} onClose={() => setReading(undefined)} />}
    </section>
  );
};

const Messages = (props: { visit: Appointment; when: string; onClose: () => void }): JSX.Element => {
  const { visit, when, onClose } = props;
  const zone = me.value?.timeZone ?? 'UTC';
  const { value, error } = useLoaded(() => fetchMessages(visit.encounterId), visit.encounterId);
  const people = [...(visit.patient ? [visit.patient] : []), visit.provider, ...visit.additional];
  const nameOf = (sender: PersonId): string =>
    people.find(({ id }) => id === sender)?.displayName ?? 'Somebody else of the visit';
  return (
    <Dialog title={`Messages of ${when}`} wide onClose={onClose}>
      {error && <Notice tone="danger">{error.message}</Notice>}
      {!value && !error && <Loading words="Looking up the messages…" />}
      {value?.length === 0 && <p class="soft">Nothing was written.</p>}
      <ul class="rules">
        {value?.map(({ id, senderId, sentAt, text }) => (
          <li key={id} class="rule" data-testid="visit-message">
            <div>
              <p class="soft small">
                {nameOf(senderId)}, {clockTime(sentAt, zone)}
              </p>
              <p>{text}</p>
            </div>
          </li>
        ))}
      </ul>
    </Dialog>
  );
};
