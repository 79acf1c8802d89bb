import { EMERGENCY_MINUTES, PersonId } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { endEmergency, fetchRelationships, openInEmergency } from '../../api/relationships-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { useNow } from '../../hooks/use-now.ts';
import { useTitle } from '../../hooks/use-title.ts';
import { me } from '../../session.ts';
import { clockTime } from '../../text/time.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { Loading, Notice } from '../../ui/notice.tsx';
import { isProvider, StaffFrame } from '../../ui/staff-frame.tsx';
import { NotFoundPage } from '../not-found-page.tsx';
import '../../ui/rows.css';
import { DoneLine } from '../schedule/done-line.tsx';
import '../schedule/schedule.css';
import { PatientVisits } from './patient-visits.tsx';
import { nameIn } from './relationship-words.ts';

const REASON_MIN = 10;
const REASON_MAX = 500;
const MINUTES = [15, 30, EMERGENCY_MINUTES, 120, 240];

/** A record that is not the provider's to see, in an emergency. The way here comes from the chart system. */
export const EmergencyPage = (): JSX.Element => {
  const patientId = PersonId.safeParse(useRoute().params.patientId);
  return isProvider() && patientId.success ? <Emergency patientId={patientId.data} /> : <NotFoundPage />;
};

const Emergency = ({ patientId }: { patientId: PersonId }): JSX.Element => {
  useTitle('Emergency access');
  const now = useNow();
  const zone = me.value?.timeZone ?? 'UTC';
  const { value, error, reload } = useLoaded(fetchRelationships);
  const [asking, setAsking] = useState(false);
  const [done, setDone] = useState('');
  const act = useAct();
  const open = value?.emergencies.find(
    (one) => one.patientId === patientId && (one.validTo === null || Date.parse(one.validTo) > now),
  );
  const finish = (words: string) => {
    setAsking(false);
    setDone(words);
    reload();
  };
  return (
    <StaffFrame>
      <div class="schedule">
        <h1>Emergency access</h1>
        <DoneLine words={done} />
        {error && <Notice tone="danger">{error.message}</Notice>}
        {act.error && <Notice tone="danger">{act.error.message}</Notice>}
        {!value && !error && <Loading words="One moment…" />}
        {value && open && (
          <>
            <Notice tone="warm">
              <p data-testid="emergency-open">
                You can read the record of {nameIn(value)(patientId)} until{' '}
                {clockTime(open.validTo ?? open.validFrom, zone)}. You cannot change it.
              </p>
            </Notice>
            <p>
              <button
                type="button"
                class="button button--secondary"
                data-testid="emergency-end"
                disabled={act.busy}
                onClick={() =>
                  void act.run(
                    { id: open.id },
                    ({ id }) => endEmergency(id),
                    () => finish('Your emergency access is over.'),
                  )
                }
              >
                I am done with it
              </button>
            </p>
            <PatientVisits patientId={patientId} />
          </>
        )}
        {value && !open && (
          <>
            <p>
              This record is not yours to see. In an emergency you can open it for some minutes. Your privacy office is
              told at once, reads your reason, and the patient sees that you looked.
            </p>
            <p>
              <button
                type="button"
                class="button button--danger"
                data-testid="emergency-ask"
                onClick={() => setAsking(true)}
              >
                Open it in an emergency
              </button>
            </p>
          </>
        )}
      </div>
      {asking && (
        <EmergencyDialog
          patientId={patientId}
          onClose={() => setAsking(false)}
          onDone={() => finish('The record is open to you.')}
        />
      )}
    </StaffFrame>
  );
};

const EmergencyDialog = (props: { patientId: PersonId; onClose: () => void; onDone: () => void }): JSX.Element => {
  const [reason, setReason] = useState('');
  const [minutes, setMinutes] = useState(EMERGENCY_MINUTES);
  const act = useAct();
  return (
    <Dialog title="Open this record in an emergency?" onClose={props.onClose}>
      <form
        class="rule-form"
        data-testid="emergency-form"
        onSubmit={(event) => {
          event.preventDefault();
          void act.run(
            { reason, minutes },
            (request, how) => openInEmergency(props.patientId, request, how),
            props.onDone,
          );
        }}
      >
        <Field label="Why do you need it now?" hint="Your privacy office reads this.">
          <textarea
            class="input"
            required
            rows={3}
            minLength={REASON_MIN}
            maxLength={REASON_MAX}
            value={reason}
            data-testid="emergency-reason"
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </Field>
        <Field label="For how long">
          <select
            class="select"
            value={String(minutes)}
            data-testid="emergency-minutes"
            onChange={(event) => setMinutes(Number(event.currentTarget.value))}
          >
            {MINUTES.map((one) => (
              <option key={one} value={String(one)}>
                {one} minutes
              </option>
            ))}
          </select>
        </Field>
        {act.error && <Notice tone="danger">{act.error.message}</Notice>}
        <div class="row">
          <button type="submit" class="button button--danger" data-testid="emergency-open-it" disabled={act.busy}>
            {act.busy ? 'Opening…' : 'Open the record'}
          </button>
          <button type="button" class="button button--quiet" onClick={props.onClose}>
            Leave it closed
          </button>
        </div>
      </form>
    </Dialog>
  );
};
