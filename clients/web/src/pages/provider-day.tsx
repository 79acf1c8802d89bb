import type { DayEntry, EncounterId, PersonId, PersonSummary } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { admitFromDay, fetchDay, watchDay } from '../api/core-api.ts';
import { apiErrorOf } from '../api/http.ts';
import { useLoaded } from '../hooks/use-loaded.ts';
import { useNow } from '../hooks/use-now.ts';
import { useTitle } from '../hooks/use-title.ts';
import { visitPath } from '../routes.ts';
import { clockTime, waitedFor, zoneName } from '../text/time.ts';
import { dayWords, entryOf, entryWords, initials, isWaiting, patientName } from '../text/visits.ts';
import { Loading, Notice } from '../ui/notice.tsx';
import { StaffFrame } from '../ui/staff-frame.tsx';
import './provider-day.css';

/** Who is waiting, since when, and the day around them. */
export const ProviderDay = (): JSX.Element => {
  useTitle('Your day');
  const now = useNow();
  const { value: day, error, reload } = useLoaded(fetchDay);
  const [problem, setProblem] = useState('');
  useEffect(() => watchDay(reload), []);

  const admit = async (encounterId: EncounterId, personId: PersonId) => {
    setProblem('');
    try {
      await admitFromDay(encounterId, personId);
      reload();
    } catch (cause) {
      setProblem(apiErrorOf(cause).message);
    }
  };

  const waiting = day?.entries.filter(isWaiting) ?? [];
  const others = day?.entries.filter((entry) => !isWaiting(entry)) ?? [];
  return (
    <StaffFrame>
      <div class="day">
        <div class="stack day__head">
          <p class="day__date soft">{day && `${dayWords(day.date)} · ${zoneName(day.timeZone)}`}</p>
          <h1 aria-live="polite">
            {waiting.length === 0
              ? 'Nobody is waiting.'
              : waiting.length === 1
                ? 'One person is waiting for you.'
                : `${waiting.length} people are waiting for you.`}
          </h1>
        </div>
        {error && <Notice tone="danger">{error.message}</Notice>}
        {problem && <Notice tone="danger">{problem}</Notice>}
        {!day && !error && <Loading words="Looking up your day…" />}
        {waiting.length > 0 && (
          <section aria-label="Waiting now">
            <ul class="queue">
              {waiting.map((entry) => (
                <li
                  key={entry.appointment.id}
                  class="queue__item"
                  data-testid="day-entry"
                  data-appointment-id={entry.appointment.id}
                >
                  <span class="avatar" aria-hidden="true">
                    {initials(patientName(entry.appointment))}
                  </span>
                  <div class="queue__words">
                    <h2>{patientName(entry.appointment)}</h2>
                    <p class="soft">
                      {day && clockTime(entry.appointment.startsAt, day.timeZone)} · {entry.appointment.visitType.name}
                    </p>
                    <p class="queue__since numeric">
                      Waiting for {waitedFor(entry.waitingSince ?? entry.appointment.startsAt, now)}
                      {!entry.patientConnected && ' · connection lost, may come back'}
                    </p>
                  </div>
                  <div class="row queue__go">
                    {entry.appointment.patient && (
                      <AdmitButton
                        patient={entry.appointment.patient}
                        encounterId={entry.appointment.encounterId}
                        onAdmit={admit}
                      />
                    )}
                    <OpenVisit entry={entry} primary />
                  </div>
                </li>
              ))}
            </ul>
          </section>
        )}
        {day && (
          <section class="stack" aria-labelledby="the-day">
            <h2 id="the-day">{waiting.length ? 'The rest of the day' : 'Today'}</h2>
            {others.length === 0 && <p class="soft">Nothing {waiting.length ? 'else ' : ''}is planned.</p>}
            <ol class="agenda">
              {others.map((entry) => {
                const { appointment } = entry;
                const words = entryWords(entry);
                return (
                  <li
                    key={appointment.id}
                    class="agenda__item"
                    data-testid="day-entry"
                    data-appointment-id={appointment.id}
                  >
                    <p class="agenda__time numeric">{clockTime(appointment.startsAt, day.timeZone)}</p>
                    <div class="agenda__words">
                      <h3>{patientName(appointment)}</h3>
                      <p class="soft small">
                        {appointment.visitType.name}, {appointment.visitType.durationMinutes} minutes
                      </p>
                    </div>
                    <span class={`chip${words.live ? ' chip--live' : ''}`}>{words.text}</span>
                    {entryOf(appointment, now).state === 'open' && <OpenVisit entry={entry} />}
                  </li>
                );
              })}
            </ol>
          </section>
        )}
      </div>
    </StaffFrame>
  );
};

const AdmitButton = (props: {
  patient: PersonSummary;
  encounterId: EncounterId;
  onAdmit: (encounterId: EncounterId, personId: PersonId) => Promise<void>;
}): JSX.Element => (
  <button
    type="button"
    class="button button--secondary"
    data-testid="admit"
    data-person-id={props.patient.id}
    aria-label={`Admit ${props.patient.displayName}`}
    onClick={() => void props.onAdmit(props.encounterId, props.patient.id)}
  >
    Admit
  </button>
);

const OpenVisit = ({ entry, primary = false }: { entry: DayEntry; primary?: boolean }): JSX.Element => (
  <a
    class={`button ${primary ? 'button--primary' : 'button--quiet'}`}
    href={visitPath(entry.appointment.encounterId)}
    data-testid="open-visit"
    aria-label={`Open visit with ${patientName(entry.appointment)}`}
  >
    Open visit
  </a>
);
