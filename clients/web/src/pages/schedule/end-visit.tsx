import type { Appointment } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { cancelAppointment } from '../../api/scheduling-api.ts';
import { markNoShow } from '../../api/staff-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { Field, StepHeading } from '../../ui/field.tsx';
import { StepEnd } from './step-end.tsx';
import { endsFor, visitTitle } from './visit-words.ts';

const REASON_MAX = 500;

interface StepProps {
  readonly visit: Appointment;
  readonly onBack: () => void;
  readonly onDone: (words: string) => void;
}

export const CancelVisit = ({ visit, onBack, onDone }: StepProps): JSX.Element => {
  const [reason, setReason] = useState('');
  const act = useAct();
  return (
    <form
      class="visit-panel"
      onSubmit={(event) => {
        event.preventDefault();
        void act.run(
          { version: visit.version, reason },
          (request, how) => cancelAppointment(visit.id, request, how),
          () => onDone(`${visit.group ? 'The session' : 'The visit of'} ${visitTitle(visit)} was cancelled.`),
        );
      }}
    >
      <StepHeading>{visit.group ? 'Cancel the whole session?' : 'Cancel this visit?'}</StepHeading>
      <p class="soft" data-testid="cancel-whom">
        {visit.group ? endsFor(visit.group.taken) : 'The patient is told.'} The time can then be taken by somebody else.
      </p>
      {visit.group && visit.group.taken > 0 && (
        <p class="soft">To take out one of them and keep the session, go back and give that patient’s seat back.</p>
      )}
      <Field label="Reason (optional)" hint="Stays with the visit’s record.">
        <input
          class="input"
          maxLength={REASON_MAX}
          value={reason}
          data-testid="cancel-reason"
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </Field>
      <StepEnd
        act={act}
        words={[visit.group ? 'Cancel the session' : 'Cancel the visit', 'Cancelling…']}
        isDanger
        back="Keep it"
        onBack={onBack}
      />
    </form>
  );
};

export const MarkNoShow = ({ visit, onBack, onDone }: StepProps): JSX.Element => {
  const act = useAct();
  const mark = () =>
    act.run(
      { version: visit.version },
      ({ version }, how) => markNoShow(visit.id, version, how),
      () => onDone(`${visitTitle(visit)} is noted as not having come.`),
    );
  return (
    <div class="visit-panel">
      <StepHeading>Did the patient not come?</StepHeading>
      <p class="soft">The visit is closed. If they turn up later, book another one.</p>
      <StepEnd
        act={act}
        words={['They did not come', 'Noting…']}
        isDanger
        onAct={mark}
        back="Go back"
        onBack={onBack}
      />
    </div>
  );
};
