import type { Appointment, PayerId, PersonId, SeriesRequest } from '@bedside/protocol';
import { SERIES_MAX } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { fetchPayers } from '../../api/scheduling-api.ts';
import { bookSeries } from '../../api/staff-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { me } from '../../session.ts';
import { clockTime, zoneName } from '../../text/time.ts';
import { shortDate } from '../../text/zoned.ts';
import { Field, StepHeading } from '../../ui/field.tsx';
import { Loading, Notice } from '../../ui/notice.tsx';
import { RegionSelect } from '../book/region-select.tsx';
import { PayerSelect } from '../book/wish-selects.tsx';
import { datesOf, refusalWords, seriesAfter } from './repetition.ts';

const EVERY_WEEKS = { 1: 'Every week', 2: 'Every 2 weeks', 3: 'Every 3 weeks', 4: 'Every 4 weeks' };
const COUNT_AT_FIRST = 3;

/** Whose visit can be repeated. */
export const isRepeatable = (visit: Appointment): visit is Appointment & { patient: { id: PersonId } } =>
  visit.patient !== undefined && visit.group === undefined;

/** The same visit again, some weeks apart: all of them are booked, or none. */
export const RepeatVisit = (props: {
  visit: Appointment & { patient: { id: PersonId; displayName: string } };
  onBack: () => void;
  onDone: (words: string) => void;
}): JSX.Element => {
  const { visit } = props;
  const { requiresRegion } = me.value?.organization ?? {};
  const [everyWeeks, setEveryWeeks] = useState(1);
  const [count, setCount] = useState(COUNT_AT_FIRST);
  const [region, setRegion] = useState('');
  const [payerId, setPayerId] = useState<PayerId>();
  const payers = useLoaded(fetchPayers);
  const act = useAct();
  const dates = datesOf(visit, { everyWeeks, count });
  const { timeZone } = visit.provider;
  const save = (event: Event) => {
    event.preventDefault();
    const request: SeriesRequest = {
      providerId: visit.provider.id,
      visitTypeId: visit.visitType.id,
      patientId: visit.patient.id,
      additional: visit.additional.flatMap(({ id, role }) =>
        role === 'provider' || role === 'interpreter' ? [{ personId: id, role }] : [],
      ),
      ...seriesAfter(visit, { everyWeeks, count }),
      ...(region && { region }),
      ...(payerId && { payerId }),
    };
    void act.run(request, bookSeries, ({ appointments }) =>
      props.onDone(
        `${appointments.length === 1 ? 'One more visit' : `${appointments.length} more visits`} booked for ${visit.patient.displayName}, the last on ${shortDate(dates.at(-1) ?? '')}.`,
      ),
    );
  };
  return (
    <form class="visit-panel" data-testid="repeat-form" onSubmit={save}>
      <StepHeading>Repeat this visit</StepHeading>
      <p class="soft">
        At {clockTime(visit.startsAt, timeZone)} ({zoneName(timeZone)}) with the same people. Either all of these visits
        are booked, or none.
      </p>
      <div class="fields">
        <Field label="How often">
          <select
            class="select"
            value={String(everyWeeks)}
            data-testid="repeat-weeks"
            onChange={(event) => setEveryWeeks(Number(event.currentTarget.value))}
          >
            {Object.entries(EVERY_WEEKS).map(([weeks, words]) => (
              <option key={weeks} value={weeks}>
                {words}
              </option>
            ))}
          </select>
        </Field>
        <Field label="How many more visits">
          <input
            type="number"
            class="input"
            required
            min={1}
            max={SERIES_MAX}
            value={count}
            data-testid="repeat-count"
            onInput={(event) => {
              const value = event.currentTarget.valueAsNumber;
              if (Number.isInteger(value) && value >= 1 && value <= SERIES_MAX) setCount(value);
            }}
          />
        </Field>
        {payers.value && (
          <PayerSelect
            payers={payers.value}
            value={payerId}
            label="Who pays"
            patientWords="The patient"
            testId="repeat-payer"
            onPick={setPayerId}
          />
        )}
      </div>
      {requiresRegion && <RegionSelect asked="staff" value={region} onPick={setRegion} />}
      {payers.error && <Notice tone="danger">{payers.error.message}</Notice>}
      {!payers.value && !payers.error && <Loading words="One moment…" />}
      <p data-testid="repeat-dates">{dates.map(shortDate).join(' · ')}</p>
      {act.error && (
        <Notice tone="danger">
          {act.error.code === 'slot_taken' && act.error.fields.length > 0 ? (
            <>
              <p>Nothing was booked, because of these days:</p>
              <ul>
                {act.error.fields.map(({ field, message }) => (
                  <li key={field}>{refusalWords(message)}</li>
                ))}
              </ul>
            </>
          ) : (
            act.error.message
          )}
        </Notice>
      )}
      <div class="visit-panel__acts">
        <button type="submit" class="button button--primary" data-testid="repeat-save" disabled={act.busy}>
          {act.busy ? 'Booking…' : count === 1 ? 'Book one more visit' : `Book ${count} more visits`}
        </button>
        <button type="button" class="button button--quiet" onClick={props.onBack}>
          Go back
        </button>
      </div>
    </form>
  );
};
