import type { PasskeySummary, SessionSummary } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ApiError, apiErrorOf } from '../api/http.ts';
import {
  endSession,
  fetchPasskeys,
  fetchSessions,
  hasPasskeys,
  registerPasskey,
  removePasskey,
} from '../api/identity-api.ts';
import { useLoaded } from '../hooks/use-loaded.ts';
import { useNow } from '../hooks/use-now.ts';
import { useTitle } from '../hooks/use-title.ts';
import { me, noteSignedOut } from '../session.ts';
import { dayAndTime } from '../text/time.ts';
import { Field } from '../ui/field.tsx';
import { Loading, Notice } from '../ui/notice.tsx';
import { PersonFrame } from '../ui/person-frame.tsx';
import { DoneLine } from './schedule/done-line.tsx';
import './rules/rules.css';
import './schedule/schedule.css';
import '../ui/rows.css';

const NAME_MAX = 100;

const load = async () => {
  const [sessions, passkeys] = await Promise.all([fetchSessions(), fetchPasskeys()]);
  return { sessions, passkeys };
};

/** Where somebody is signed in, and the keys that prove that it is they. */
export const AccountPage = (): JSX.Element => {
  useTitle('Your sign-in');
  const { value, error, reload } = useLoaded(load);
  const [done, setDone] = useState('');
  const [problem, setProblem] = useState('');
  /** One act at a time, told in words. */
  const act = async (work: () => Promise<unknown>, words: string) => {
    setProblem('');
    setDone('');
    try {
      await work();
      setDone(words);
      reload();
    } catch (cause) {
      const failure = apiErrorOf(cause);
      if (noteSignedOut(failure)) return;
      setProblem(cause instanceof ApiError ? cause.message : 'The key was not made. Try again.');
    }
  };
  return (
    <PersonFrame>
      <div class="schedule">
        <h1>Your sign-in</h1>
        <DoneLine words={done} />
        {(error || problem) && <Notice tone="danger">{problem || error?.message}</Notice>}
        {!value && !error && <Loading words="One moment…" />}
        {value && (
          <>
            <Sessions
              sessions={value.sessions}
              onEnd={({ id }) => void act(() => endSession(id), 'You are signed out there.')}
            />
            <Keys
              passkeys={value.passkeys}
              onAdd={(name) => act(() => registerPasskey(name), `${name} is added.`)}
              onRemove={({ id, name }) => void act(() => removePasskey(id), `${name} is removed.`)}
            />
          </>
        )}
      </div>
    </PersonFrame>
  );
};

const Sessions = (props: {
  sessions: readonly SessionSummary[];
  onEnd: (session: SessionSummary) => void;
}): JSX.Element => {
  const now = useNow(60_000);
  const zone = me.value?.timeZone ?? 'UTC';
  return (
    <section class="stack" aria-labelledby="sessions">
      <h2 id="sessions">Where you are signed in</h2>
      <p class="soft">If you do not know one of these, sign it out, and tell the clinic.</p>
      <ul class="rules">
        {props.sessions.map((session) => (
          <li key={session.id} class="rule" data-testid="own-session">
            <div>
              <p>
                <strong>
                  {session.current ? 'This browser' : `Since ${dayAndTime(session.createdAt, now, zone)}`}
                </strong>
              </p>
              <p class="soft small">Last used: {dayAndTime(session.seenAt, now, zone)}</p>
            </div>
            {!session.current && (
              <button
                type="button"
                class="button button--quiet"
                data-testid="session-end"
                aria-label={`Sign out there: since ${dayAndTime(session.createdAt, now, zone)}`}
                onClick={() => props.onEnd(session)}
              >
                Sign out there
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
};

const Keys = (props: {
  passkeys: readonly PasskeySummary[];
  onAdd: (name: string) => Promise<void>;
  onRemove: (passkey: PasskeySummary) => void;
}): JSX.Element => {
  const now = useNow(60_000);
  const zone = me.value?.timeZone ?? 'UTC';
  const [name, setName] = useState('');
  const [busy, setBusy] = useState(false);
  const add = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    await props.onAdd(name.trim());
    setName('');
    setBusy(false);
  };
  return (
    <section class="stack" aria-labelledby="keys">
      <h2 id="keys">Security keys</h2>
      <p class="soft">
        A key on your phone, your computer or your key ring proves that it is you, where something needs a fresh proof.
      </p>
      {props.passkeys.length === 0 && <p>You have none.</p>}
      <ul class="rules">
        {props.passkeys.map((passkey) => (
          <li key={passkey.id} class="rule" data-testid="passkey">
            <div>
              <p>
                <strong>{passkey.name}</strong>
              </p>
              <p class="soft small">
                Added: {dayAndTime(passkey.createdAt, now, zone)}
                {passkey.usedAt && ` · last used: ${dayAndTime(passkey.usedAt, now, zone)}`}
              </p>
              {passkey.cloned && (
                <Notice tone="warm">There seems to be a copy of this key. It is taken no more: remove it.</Notice>
              )}
            </div>
            <button
              type="button"
              class="button button--quiet"
              data-testid="passkey-remove"
              aria-label={`Remove ${passkey.name}`}
              onClick={() => props.onRemove(passkey)}
            >
              Remove
            </button>
          </li>
        ))}
      </ul>
      {hasPasskeys() ? (
        <form class="add-line" onSubmit={(event) => void add(event)}>
          <Field label="A name for a new key" hint="So that you know it again: “My phone”.">
            <input
              class="input"
              required
              maxLength={NAME_MAX}
              value={name}
              data-testid="passkey-name"
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </Field>
          <button type="submit" class="button button--secondary" data-testid="passkey-add" disabled={busy}>
            {busy ? 'Waiting for your key…' : 'Add the key'}
          </button>
        </form>
      ) : (
        <p class="soft">This browser cannot make one. A newer one can.</p>
      )}
    </section>
  );
};
