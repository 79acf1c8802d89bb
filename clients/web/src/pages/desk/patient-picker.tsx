import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type ApiError, apiErrorOf } from '../../api/http.ts';
import { type FoundPatient, findPatients } from '../../api/staff-api.ts';
import { noteSignedOut } from '../../session.ts';
import { zoneName } from '../../text/time.ts';
import { initials } from '../../text/visits.ts';
import { Field } from '../../ui/field.tsx';
import { Notice } from '../../ui/notice.tsx';

const PAUSE_MS = 250;
const MIN_CHARACTERS = 2;
/** Core names no more than these at once. */
const MAX_FOUND = 20;

const usePatients = (search: string) => {
  const [answer, setAnswer] = useState<{ search: string; found: readonly FoundPatient[] }>();
  const [error, setError] = useState<ApiError>();
  useEffect(() => {
    setError(undefined);
    if (search.length < MIN_CHARACTERS) return;
    const leaving = new AbortController();
    const look = async () => {
      try {
        const found = await findPatients(search, leaving.signal);
        if (!leaving.signal.aborted) setAnswer({ search, found });
      } catch (cause) {
        if (leaving.signal.aborted) return;
        const failure = apiErrorOf(cause);
        if (!noteSignedOut(failure)) setError(failure);
      }
    };
    // Every search is a look into the list of patients: none while somebody is still typing.
    const timer = setTimeout(() => void look(), PAUSE_MS);
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  }, [search]);
  // Whoever was found for other words would be picked by a press that was meant for somebody else.
  return { found: answer?.search === search ? answer.found : undefined, error };
};

/** For whom: found by name, then named with a way back. */
export const PatientPicker = (props: {
  patient: FoundPatient | undefined;
  onPick: (patient: FoundPatient | undefined) => void;
}): JSX.Element => {
  const { patient, onPick } = props;
  const [text, setText] = useState('');
  const { found, error } = usePatients(text.trim());
  const change = useRef<HTMLButtonElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const moved = useRef(false);
  // What was pressed is gone: the focus goes to what took its place.
  useLayoutEffect(() => {
    if (moved.current) (patient ? change : input).current?.focus();
    moved.current = false;
  }, [patient]);
  const pick = (next: FoundPatient | undefined) => {
    moved.current = true;
    onPick(next);
  };
  if (patient) {
    return (
      <div class="picked-patient" data-testid="picked-patient">
        <span class="avatar" aria-hidden="true">
          {initials(patient.displayName)}
        </span>
        <div>
          <p>
            <strong>{patient.displayName}</strong>
          </p>
          <p class="soft small">{zoneName(patient.timeZone)}</p>
        </div>
        <button ref={change} type="button" class="button button--quiet" onClick={() => pick(undefined)}>
          Somebody else
        </button>
      </div>
    );
  }
  return (
    <div class="stack">
      <Field label="Patient" hint="Part of the name, two letters at least.">
        <input
          ref={input}
          type="search"
          class="input"
          spellcheck={false}
          maxLength={100}
          value={text}
          data-testid="patient-search"
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </Field>
      {error && <Notice tone="danger">{error.message}</Notice>}
      <p role="status" class="soft small">
        {found &&
          (found.length === 0
            ? 'Nobody of that name.'
            : found.length === MAX_FOUND
              ? 'The first 20 are shown. Write more of the name.'
              : `${found.length} found.`)}
      </p>
      {found && found.length > 0 && (
        <ul class="found-patients">
          {found.map((one) => (
            <li key={one.id}>
              <button type="button" class="found-patient" data-testid="found-patient" onClick={() => pick(one)}>
                <strong>{one.displayName}</strong>
                <span class="soft small">
                  {zoneName(one.timeZone)}
                  {one.region && `, ${one.region.slice(3)}`}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
};
