import type { Appointment, Correction, CorrectionRequest, CorrectionSubject } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { askForCorrection, disagreeWithDenial, fetchCorrections, withdrawCorrection } from '../../api/rights-api.ts';
import { fetchAppointments } from '../../api/scheduling-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { useNow } from '../../hooks/use-now.ts';
import { usePages } from '../../hooks/use-pages.ts';
import { useTitle } from '../../hooks/use-title.ts';
import { me } from '../../session.ts';
import { dayAndTime } from '../../text/time.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { FormEnd } from '../../ui/form-end.tsx';
import { Loading, Notice } from '../../ui/notice.tsx';
import { PersonFrame } from '../../ui/person-frame.tsx';
import { DoneLine } from '../schedule/done-line.tsx';
import '../../ui/rows.css';
import '../schedule/schedule.css';
import '../schedule/visit-panel.css';
import { CorrectionCard } from './correction-card.tsx';
import { SUBJECTS } from './correction-words.ts';
import './privacy.css';
import { ShowMore } from '../../ui/show-more.tsx';

const TEXT_MAX = 4_000;

/** The patient's requests for correction, and a new one. */
export const OwnCorrectionsPage = (): JSX.Element => {
  useTitle('Corrections');
  const now = useNow(60_000);
  const list = usePages<Correction>(async (cursor) => {
    const { corrections, next } = await fetchCorrections({ cursor });
    return { items: corrections, next };
  });
  const [asking, setAsking] = useState(false);
  const [objecting, setObjecting] = useState<Correction>();
  const [done, setDone] = useState('');
  const act = useAct();
  const finish = (words: string) => {
    setAsking(false);
    setObjecting(undefined);
    setDone(words);
    list.reload();
  };
  const withdraw = ({ id, version }: Correction) =>
    act.run(
      { id, version },
      () => withdrawCorrection(id, { version }),
      () => finish('Your request is taken back.'),
    );
  const error = act.error ?? list.error;
  return (
    <PersonFrame>
      <div class="privacy">
        <div class="stack">
          <h1>Something is wrong in your record</h1>
          <p>
            Say what is wrong and what it should say. The clinic answers within 60 days, and what you wrote stays with
            your record as you wrote it.
          </p>
        </div>
        <DoneLine words={done} />
        {error && <Notice tone="danger">{error.message}</Notice>}
        <p>
          <button
            type="button"
            class="button button--primary"
            data-testid="correction-new"
            onClick={() => setAsking(true)}
          >
            Ask for a correction
          </button>
        </p>
        {!list.items && !list.error && <Loading words="Looking up what you asked for…" />}
        <ul>
          {list.items?.map((one) => (
            <CorrectionCard key={one.id} correction={one} title={SUBJECTS[one.about]} now={now}>
              {one.status === 'requested' && (
                <p>
                  <button
                    type="button"
                    class="button button--secondary"
                    data-testid="correction-withdraw"
                    disabled={act.busy}
                    onClick={() => void withdraw(one)}
                  >
                    Take it back
                  </button>
                </p>
              )}
              {one.status === 'denied' && (
                <p>
                  <button
                    type="button"
                    class="button button--secondary"
                    data-testid="correction-object"
                    onClick={() => setObjecting(one)}
                  >
                    I do not agree
                  </button>
                </p>
              )}
            </CorrectionCard>
          ))}
        </ul>
        <ShowMore more={list.more} />
      </div>
      {asking && (
        <AskDialog onClose={() => setAsking(false)} onDone={() => finish('Your request is with the clinic.')} />
      )}
      {objecting && (
        <ObjectDialog
          correction={objecting}
          onClose={() => setObjecting(undefined)}
          onDone={() => finish('What you wrote goes with your record from now on.')}
        />
      )}
    </PersonFrame>
  );
};

/** What of a visit each of these is about. Messages are asked about from their visit. */
const OF_A_VISIT: Partial<Record<CorrectionSubject, (visit: Appointment) => string>> = {
  appointment: ({ id }) => id,
  intake: ({ id }) => id,
  visit: ({ encounterId }) => encounterId,
};

const AskDialog = (props: { onClose: () => void; onDone: () => void }): JSX.Element => {
  const [form, setRequest] = useState<Omit<CorrectionRequest, 'aboutId'>>({
    about: 'other',
    statement: '',
    proposed: '',
  });
  const [visitId, setVisitId] = useState('');
  const visits = useLoaded(fetchAppointments).value ?? [];
  const zone = me.value?.timeZone ?? 'UTC';
  const act = useAct();
  const idOf = OF_A_VISIT[form.about];
  const visit = visits.find(({ id }) => id === visitId) ?? visits[0];
  const request: CorrectionRequest = { ...form, ...(idOf && visit && { aboutId: idOf(visit) }) };
  const subjects = Object.entries(SUBJECTS).filter(
    ([subject]) => subject === 'profile' || subject === 'other' || (subject in OF_A_VISIT && visits.length > 0),
  );
  const set = (change: Partial<CorrectionRequest>) => setRequest({ ...form, ...change });
  return (
    <Dialog title="Ask for a correction" wide onClose={props.onClose}>
      <form
        class="rule-form"
        data-testid="correction-form"
        onSubmit={(event) => {
          event.preventDefault();
          void act.run(request, askForCorrection, props.onDone);
        }}
      >
        <Field label="What is it about?">
          <select
            class="select"
            value={request.about}
            data-testid="correction-about"
            onChange={(event) => set({ about: event.currentTarget.value as CorrectionSubject })}
          >
            {subjects.map(([subject, words]) => (
              <option key={subject} value={subject}>
                {words}
              </option>
            ))}
          </select>
        </Field>
        {idOf && (
          <Field label="Which visit?">
            <select
              class="select"
              value={visit?.id ?? ''}
              data-testid="correction-visit"
              onChange={(event) => setVisitId(event.currentTarget.value)}
            >
              {visits.map((one) => (
                <option key={one.id} value={one.id}>
                  {dayAndTime(one.startsAt, Date.now(), zone)}, {one.provider.displayName}
                </option>
              ))}
            </select>
          </Field>
        )}
        <Field label="What is wrong?">
          <textarea
            class="input"
            required
            rows={3}
            maxLength={TEXT_MAX}
            value={request.statement}
            data-testid="correction-statement"
            onInput={(event) => set({ statement: event.currentTarget.value })}
          />
        </Field>
        <Field label="What should it say instead?">
          <textarea
            class="input"
            required
            rows={3}
            maxLength={TEXT_MAX}
            value={request.proposed}
            data-testid="correction-proposed"
            onInput={(event) => set({ proposed: event.currentTarget.value })}
          />
        </Field>
        <FormEnd
          problem={act.error?.message}
          send="Send it to the clinic"
          sending="Sending…"
          busy={act.busy}
          testId="correction-send"
          onClose={props.onClose}
        />
      </form>
    </Dialog>
  );
};

const ObjectDialog = (props: { correction: Correction; onClose: () => void; onDone: () => void }): JSX.Element => {
  const { id, version } = props.correction;
  const [note, setNote] = useState('');
  const act = useAct();
  return (
    <Dialog title="You do not agree" onClose={props.onClose}>
      <form
        class="rule-form"
        onSubmit={(event) => {
          event.preventDefault();
          void act.run({ version, note }, (body) => disagreeWithDenial(id, body), props.onDone);
        }}
      >
        <Field label="Why?" hint="It goes with your record whenever somebody is sent this part of it.">
          <textarea
            class="input"
            required
            rows={4}
            maxLength={TEXT_MAX}
            value={note}
            data-testid="correction-objection"
            onInput={(event) => setNote(event.currentTarget.value)}
          />
        </Field>
        <FormEnd
          problem={act.error?.message}
          send="Add it to my record"
          sending="Sending…"
          busy={act.busy}
          onClose={props.onClose}
        />
      </form>
    </Dialog>
  );
};
