import type { Appointment, AppointmentId, Provider, Slot, VisitType } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { fetchComingVisits } from '../api/patients-api.ts';
import { fetchAppointments, fetchVisitTypes } from '../api/scheduling-api.ts';
import { useLoaded } from '../hooks/use-loaded.ts';
import { useTitle } from '../hooks/use-title.ts';
import { me } from '../session.ts';
import { changeWords } from '../text/booking.ts';
import { dayAndTime } from '../text/time.ts';
import { isChangeable } from '../text/visits.ts';
import { Choice, Choices } from '../ui/choices.tsx';
import { Icon } from '../ui/icons.tsx';
import { Loading, Notice } from '../ui/notice.tsx';
import { PhoneLine } from '../ui/phone-line.tsx';
import { useActing, usePatientPaths } from './acting/acting.ts';
import { PatientFrame } from './acting/patient-frame.tsx';
import { slotKey, type Wish } from './book/book-model.ts';
import { Booked } from './book/booked.tsx';
import { MoveDialog } from './book/move-dialog.tsx';
import { RegionSelect } from './book/region-select.tsx';
import { TimesStep } from './book/times-step.tsx';
import { useStepFocus } from './book/use-step-focus.ts';
import '../ui/input.css';
import './book/book.css';

/** Another time for a visit that is booked: the new one is booked and the old one let go at once, or nothing happens. */
export const MovePage = (): JSX.Element => {
  const acting = useActing();
  const paths = usePatientPaths();
  useTitle(acting ? 'Move a visit' : 'Move your visit');
  const { params } = useRoute();
  const id = params.appointmentId as AppointmentId;
  const [moved, setMoved] = useState<Appointment>();
  const loaded = useLoaded(async () => {
    const [visits, visitTypes] = await Promise.all([
      acting ? fetchComingVisits(acting.id, Date.now()) : fetchAppointments(),
      fetchVisitTypes(),
    ]);
    const visit = visits.find((one) => one.id === id);
    return { visit, visitType: visitTypes.find((one) => one.id === visit?.visitType.id) };
  });
  useStepFocus(moved ? 'moved' : 'pick');
  const { visit, visitType } = loaded.value ?? {};
  const isOpen =
    visit && visitType && isChangeable(visit) && !visit.group && Date.parse(visit.changeableUntil) > Date.now();
  return (
    <PatientFrame narrow>
      <div class="book">
        {!moved && (
          <a class="button button--quiet book__back" href={paths.home}>
            <Icon name="back" /> {acting ? 'Visits' : 'Your visits'}
          </a>
        )}
        {loaded.error && <Notice tone="danger">{loaded.error.message}</Notice>}
        {!loaded.value && !loaded.error && <Loading words="Looking up the visit…" />}
        {moved ? (
          <Booked
            visit={moved}
            title={acting ? `The visit of ${acting.displayName} is moved.` : 'Your visit is moved.'}
          />
        ) : isOpen ? (
          <PickAnother visit={visit} visitType={visitType} onMoved={setMoved} onStale={loaded.reload} />
        ) : (
          loaded.value && <CannotMove visit={visit} />
        )}
      </div>
    </PatientFrame>
  );
};

const CannotMove = ({ visit }: { visit: Appointment | undefined }): JSX.Element => (
  <div class="stack" data-testid="cannot-move">
    <h1>This visit cannot be moved here.</h1>
    <p>
      {visit
        ? changeWords(visit, Date.now(), me.value?.timeZone ?? 'UTC').words
        : 'It is over, was changed meanwhile, or is not there. What can be moved is on the page of the visits.'}
    </p>
    <PhoneLine words="The clinic’s phone:" />
  </div>
);

interface Picked {
  readonly provider: Provider;
  readonly slot: Slot;
}

const PickAnother = (props: {
  visit: Appointment;
  visitType: VisitType;
  onMoved: (visit: Appointment) => void;
  onStale: () => void;
}): JSX.Element => {
  const { visit, visitType } = props;
  const acting = useActing();
  const zone = me.value?.timeZone ?? 'UTC';
  const [sameProvider, setSameProvider] = useState(true);
  const [picked, setPicked] = useState<Picked>();
  const [problem, setProblem] = useState('');
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const asksRegion = me.value?.organization.requiresRegion === true;
  const [chosenRegion, setRegion] = useState(acting ? '' : (me.value?.region ?? ''));
  const region = asksRegion ? chosenRegion : undefined;
  const provider = sameProvider ? visit.provider : undefined;
  const wish = useMemo<Wish>(() => ({ visitType, provider, region }), [visitType, provider, region]);
  return (
    <>
      <div class="stack">
        <h1>{acting ? `Move the visit of ${acting.displayName}` : 'Move your visit'}</h1>
        <p>
          It is {dayAndTime(visit.startsAt, Date.now(), zone)} with {visit.provider.displayName} now, and stays so until
          you have picked another time.
        </p>
      </div>
      <Choices legend="With whom?">
        <Choice name="whom" checked={sameProvider} onPick={() => setSameProvider(true)}>
          {visit.provider.displayName}
        </Choice>
        <Choice name="whom" testId="move-anybody" checked={!sameProvider} onPick={() => setSameProvider(false)}>
          Whoever is free
        </Choice>
      </Choices>
      {problem && <Notice tone="danger">{problem}</Notice>}
      {asksRegion && <RegionSelect asked={acting ? 'proxy' : 'patient'} value={chosenRegion} onPick={setRegion} />}
      {(!asksRegion || chosenRegion) && (
        <TimesStep wish={wish} gone={gone} busy={false} onPick={(provider, slot) => setPicked({ provider, slot })} />
      )}
      {picked && (
        <MoveDialog
          visit={visit}
          provider={picked.provider}
          slot={picked.slot}
          onClose={() => setPicked(undefined)}
          onMoved={props.onMoved}
          onRefused={(error) => {
            setPicked(undefined);
            setProblem(error.message);
            setGone(new Set([...gone, slotKey(picked.provider, picked.slot)]));
            if (error.code === 'version_conflict' || error.code === 'change_too_late') props.onStale();
          }}
        />
      )}
    </>
  );
};
