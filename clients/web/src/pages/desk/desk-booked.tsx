import type { Appointment } from '@bedside/protocol';
import type { JSX } from 'preact';
import type { FoundPatient } from '../../api/staff-api.ts';
import { DESK } from '../../routes.ts';
import { me } from '../../session.ts';
import { zoneName } from '../../text/time.ts';
import { BookedFrame } from '../book/booked.tsx';
import { whenWords } from '../schedule/visit-words.ts';

/** It is settled: what the patient is told on the phone. */
export const DeskBooked = (props: { visit: Appointment; patient: FoundPatient; onAgain: () => void }): JSX.Element => {
  const { visit, patient } = props;
  const zone = me.value?.timeZone ?? 'UTC';
  const now = Date.now();
  return (
    <BookedFrame
      visit={visit}
      title={`${patient.displayName} is booked.`}
      zone={zone}
      now={now}
      more={
        patient.timeZone !== zone && (
          <p class="soft numeric">
            For the patient: {whenWords(visit, now, patient.timeZone)} ({zoneName(patient.timeZone)})
          </p>
        )
      }
    >
      <div class="row">
        <button type="button" class="button button--primary" data-testid="book-another" onClick={props.onAgain}>
          Book another
        </button>
        <a class="button button--quiet" href={DESK}>
          Back to the day
        </a>
      </div>
    </BookedFrame>
  );
};
