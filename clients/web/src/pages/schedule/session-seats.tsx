import type { Appointment, PersonSummary } from '@bedside/protocol';
import type { JSX } from 'preact';
import { cancelAppointment } from '../../api/scheduling-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { StepHeading } from '../../ui/field.tsx';
import { StepEnd } from './step-end.tsx';
import { visitTitle } from './visit-words.ts';
import './session-seats.css';

/** Who sits in a session, and the way out of it for each; without `onGiveBack` it is too late for that. */
export const SeatsTaken = (props: {
  group: NonNullable<Appointment['group']>;
  onGiveBack: ((patient: PersonSummary) => void) | undefined;
}): JSX.Element => {
  const { group, onGiveBack } = props;
  const patients = group.patients ?? [];
  return (
    <>
      {group.taken} of {group.seats} taken
      {patients.length > 0 && (
        <ul class="seats">
          {patients.map((patient) => (
            <li key={patient.id} class="seats__one" data-testid="seat" data-patient-id={patient.id}>
              <span>{patient.displayName}</span>
              {onGiveBack && (
                <button
                  type="button"
                  class="button button--quiet"
                  data-testid="seat-give-back"
                  aria-label={`Give the seat back: ${patient.displayName}`}
                  onClick={() => onGiveBack(patient)}
                >
                  Give the seat back
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
    </>
  );
};

/** One patient leaves the session; it stays for the others. */
export const GiveSeatBack = (props: {
  visit: Appointment;
  patient: PersonSummary;
  onBack: () => void;
  onDone: (words: string) => void;
}): JSX.Element => {
  const { visit, patient } = props;
  const act = useAct();
  const giveBack = () =>
    act.run(
      { version: visit.version, reason: '', patientId: patient.id },
      (request, how) => cancelAppointment(visit.id, request, how),
      () => props.onDone(`${patient.displayName} has no seat in ${visitTitle(visit)} any more. The session stays.`),
    );
  return (
    <div class="visit-panel">
      <StepHeading>Give back the seat of {patient.displayName}?</StepHeading>
      <p class="soft">
        The patient is told. The session stays for everybody else, and somebody else can take the seat.
      </p>
      <StepEnd
        act={act}
        words={['Give the seat back', 'Giving it back…']}
        isDanger
        onAct={giveBack}
        back="Keep it"
        onBack={props.onBack}
      />
    </div>
  );
};
