import type { CareTeamRequest, PersonSummary, Provider } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { addToCareTeam, endCareTeam, fetchRelationshipsOf } from '../../api/relationships-api.ts';
import type { FoundPatient } from '../../api/staff-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { useNow } from '../../hooks/use-now.ts';
import { me } from '../../session.ts';
import { addDays, instantOf, isoInstant, wallClock } from '../../text/zoned.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { FormEnd } from '../../ui/form-end.tsx';
import { Loading, Notice } from '../../ui/notice.tsx';
import { isDesk } from '../../ui/staff-frame.tsx';
import { ProviderSelect } from '../book/provider-select.tsx';
import '../desk/desk.css';
import { PatientPicker } from '../desk/patient-picker.tsx';
import { NotFoundPage } from '../not-found-page.tsx';
import { StaffPage } from '../schedule/staff-page.tsx';
import { PeriodList } from './period-list.tsx';
import { nameIn } from './relationship-words.ts';

export const CareTeamsPage = (): JSX.Element => (isDesk() ? <CareTeams /> : <NotFoundPage />);

/** Who looks after which patient, as the front desk keeps it: one patient at a time. */
const CareTeams = (): JSX.Element => {
  const [patient, setPatient] = useState<FoundPatient>();
  const [done, setDone] = useState('');
  return (
    <StaffPage
      title="Care teams"
      about="Who looks after a patient beyond single visits: they see the record, and so does whoever stands in for them."
      filter={
        <PatientPicker
          patient={patient}
          onPick={(next) => {
            setPatient(next);
            setDone('');
          }}
        />
      }
      done={done}
    >
      {patient && <CareTeam key={patient.id} patient={patient} onDone={setDone} />}
    </StaffPage>
  );
};

const CareTeam = (props: { patient: PersonSummary; onDone: (words: string) => void }): JSX.Element => {
  const { patient } = props;
  const now = useNow(60_000);
  const { value, error, reload } = useLoaded(() => fetchRelationshipsOf(patient.id));
  const [adding, setAdding] = useState(false);
  const nameOf = value ? nameIn(value) : () => '';
  const finish = (words: string) => {
    setAdding(false);
    props.onDone(words);
    reload();
  };
  return (
    <section class="stack" aria-labelledby="care-team">
      <h2 id="care-team">Care team of {patient.displayName}</h2>
      {error && <Notice tone="danger">{error.message}</Notice>}
      {!value && !error && <Loading words="Looking up the care team…" />}
      {value && (
        <PeriodList
          rows={value.careTeam}
          now={now}
          none="Nobody is on the care team."
          testId="care-team"
          title={({ memberId }) => nameOf(memberId)}
          canEnd={() => true}
          end={endCareTeam}
          ended={({ memberId }) => `${nameOf(memberId)} is no longer on the care team of ${patient.displayName}.`}
          onDone={finish}
        />
      )}
      {value && (
        <p>
          <button
            type="button"
            class="button button--primary"
            data-testid="care-team-add"
            onClick={() => setAdding(true)}
          >
            Add somebody
          </button>
        </p>
      )}
      {adding && <AddDialog patient={patient} now={now} onClose={() => setAdding(false)} onDone={finish} />}
    </section>
  );
};

const AddDialog = (props: {
  patient: PersonSummary;
  now: number;
  onClose: () => void;
  onDone: (words: string) => void;
}): JSX.Element => {
  const { patient } = props;
  const zone = me.value?.timeZone ?? 'UTC';
  const today = wallClock(props.now, zone).date;
  const [member, setMember] = useState<Provider>();
  const [firstDay, setFirstDay] = useState(today);
  const [lastDay, setLastDay] = useState('');
  const act = useAct();
  const save = (event: Event) => {
    event.preventDefault();
    if (!member) return;
    const request: CareTeamRequest = {
      patientId: patient.id,
      memberId: member.id,
      // What begins today begins now.
      ...(firstDay > today && { validFrom: isoInstant(instantOf(firstDay, '00:00', zone)) }),
      ...(lastDay && { validTo: isoInstant(instantOf(addDays(lastDay, 1), '00:00', zone)) }),
    };
    void act.run(request, addToCareTeam, () =>
      props.onDone(`${member.displayName} is on the care team of ${patient.displayName}.`),
    );
  };
  return (
    <Dialog title={`Add to the care team of ${patient.displayName}`} wide onClose={props.onClose}>
      <form class="dialog-form" data-testid="care-team-form" onSubmit={save}>
        <ProviderSelect
          label="Who"
          value={member?.id}
          testId="care-team-member"
          without={patient.id}
          onPick={setMember}
        />
        <div class="fields">
          <Field label="First day">
            <input
              type="date"
              class="input"
              required
              min={today}
              value={firstDay}
              data-testid="care-team-from"
              onInput={(event) => setFirstDay(event.currentTarget.value)}
            />
          </Field>
          <Field label="Last day (optional)">
            <input
              type="date"
              class="input"
              min={firstDay}
              value={lastDay}
              data-testid="care-team-to"
              onInput={(event) => setLastDay(event.currentTarget.value)}
            />
          </Field>
        </div>
        <FormEnd
          problem={act.error?.message}
          send="Add to the care team"
          busy={act.busy}
          testId="care-team-save"
          onClose={props.onClose}
        />
      </form>
    </Dialog>
  );
};
