import type { WaitlistRequest } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { joinWaitlist } from '../../api/scheduling-api.ts';
import type { FoundPatient } from '../../api/staff-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { me } from '../../session.ts';
import { waitlistWords } from '../../text/waitlist.ts';
import { addDays, instantOf, isoInstant, wallClock } from '../../text/zoned.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { FormEnd } from '../../ui/form-end.tsx';
import { PatientPicker } from './patient-picker.tsx';
import { isComplete, NO_WISH, WishFields } from './wish-fields.tsx';

const WINDOW_DAYS = 14;

/** A place in the line for a patient who asks for one. */
export const AddToLine = (props: { onClose: () => void; onDone: (words: string) => void }): JSX.Element => {
  const zone = me.value?.timeZone ?? 'UTC';
  const [openedMs] = useState(() => Date.now());
  const today = wallClock(openedMs, zone).date;
  const [patient, setPatient] = useState<FoundPatient>();
  const [wish, setWish] = useState(NO_WISH);
  const [from, setFrom] = useState(today);
  const [until, setUntil] = useState(addDays(today, WINDOW_DAYS));
  const [problem, setProblem] = useState('');
  const act = useAct();
  const join = (event: Event) => {
    event.preventDefault();
    if (!patient) return setProblem('Choose the patient first.');
    if (!isComplete(wish)) return setProblem('Choose the visit, and the state where it is asked for.');
    if (!(from && until) || until < from) return setProblem('The last day has to come after the first.');
    setProblem('');
    const request: WaitlistRequest = {
      patientId: patient.id,
      visitTypeId: wish.visitType.id,
      earliestAt: isoInstant(Math.max(openedMs, instantOf(from, '00:00', zone))),
      latestAt: isoInstant(instantOf(addDays(until, 1), '00:00', zone)),
      ...(wish.provider && { providerId: wish.provider.id }),
      ...(!wish.provider && wish.specialty && { specialty: wish.specialty }),
      ...(wish.region && { region: wish.region }),
      ...(wish.payerId && { payerId: wish.payerId }),
    };
    void act.run(request, joinWaitlist, (entry) =>
      props.onDone(`${entry.patient.displayName} waits: ${waitlistWords(entry, openedMs, zone)}`),
    );
  };
  return (
    <Dialog title="Add a patient to the waitlist" wide onClose={props.onClose}>
      <form class="dialog-form" noValidate data-testid="line-form" onSubmit={join}>
        <PatientPicker
          patient={patient}
          onPick={(next) => {
            setPatient(next);
            if (next?.region) setWish({ ...wish, region: next.region });
          }}
        />
        <WishFields wish={wish} onWish={setWish} without={({ seats }) => seats > 1} />
        <div class="fields">
          <Field label="First day that suits">
            <input
              type="date"
              class="input"
              min={today}
              value={from}
              data-testid="line-from"
              onInput={(event) => setFrom(event.currentTarget.value)}
            />
          </Field>
          <Field label="Last day that suits">
            <input
              type="date"
              class="input"
              min={today}
              value={until}
              data-testid="line-until"
              onInput={(event) => setUntil(event.currentTarget.value)}
            />
          </Field>
        </div>
        <FormEnd
          problem={problem || act.error?.message}
          send="Add to the waitlist"
          sending="Adding…"
          busy={act.busy}
          testId="line-save"
          onClose={props.onClose}
        />
      </form>
    </Dialog>
  );
};
