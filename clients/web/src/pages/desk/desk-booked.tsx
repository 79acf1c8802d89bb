import type { Appointment } from '@bedside/protocol';
import type { JSX } from 'preact';
import type { FoundPatient } from '../../api/staff-api.ts';
import { DESK } from '../../routes.ts';
import { me } from '../../session.ts';
import { zoneName } from '../../text/time.ts';
import { Icon } from '../../ui/icons.tsx';
import { When } from '../../ui/when.tsx';
import { whenWords } from '../schedule/visit-words.ts';

/** It is settled: what the patient is told on the phone. */
export const DeskBooked = (props: { visit: Appointment; patient: FoundPatient; onAgain: () => void }): JSX.Element => {
  const { visit, patient } = props;
  const zone = me.value?.timeZone ?? 'UTC';
  const now = Date.now();
  return (
    <div class="stack booked" data-testid="booked">
      <h1>
        <span class="booked__mark">
          <Icon name="check" />
        </span>
        {patient.displayName} is booked.
      </h1>
      <section class="card" aria-label="The visit">
        <When startsAt={visit.startsAt} endsAt={visit.endsAt} zone={zone} provider={visit.provider} now={now} />
        <p class="held__what">
          {visit.visitType.name} with {visit.provider.displayName}
        </p>
        {patient.timeZone !== zone && (
          <p class="soft numeric">
            For the patient: {whenWords(visit, now, patient.timeZone)} ({zoneName(patient.timeZone)})
          </p>
        )}
      </section>
      <div class="row">
        <button type="button" class="button button--primary" data-testid="book-another" onClick={props.onAgain}>
          Book another
        </button>
        <a class="button button--quiet" href={DESK}>
          Back to the day
        </a>
      </div>
    </div>
  );
};
