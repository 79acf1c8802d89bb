import type { DailyCap, PersonId, VisitType, VisitTypeId } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { fetchDailyCaps, saveDailyCaps } from '../../api/rules-api.ts';
import { fetchVisitTypes } from '../../api/scheduling-api.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { useNow } from '../../hooks/use-now.ts';
import { me } from '../../session.ts';
import { wallClock } from '../../text/zoned.ts';
import { Field } from '../../ui/field.tsx';
import { Loading, Notice } from '../../ui/notice.tsx';
import { isAdmin } from '../../ui/staff-frame.tsx';
import { ProviderSelect } from '../book/provider-select.tsx';
import { AddDated, type DatesGiven, daysOf } from './dated-form.tsx';
import { type ChangeList, changeOf, DatedList } from './dated-list.tsx';
import { RulesFrame } from './rules-frame.tsx';

const MAX = 300;

/** How many visits a provider has on a day at the most. */
export const DailyCapsPage = (): JSX.Element => {
  const [providerId, setProviderId] = useState<PersonId>();
  const [done, setDone] = useState('');
  return (
    <RulesFrame
      title="Daily caps"
      about="How many visits a provider has on one day at the most, all together or of one kind. Visits that are booked stay."
      done={done}
    >
      <ProviderSelect
        label="Provider"
        value={providerId}
        testId="cap-provider"
        onPick={(provider) => {
          setProviderId(provider?.id);
          setDone('');
        }}
      />
      {providerId && <DailyCaps key={providerId} providerId={providerId} onDone={setDone} />}
    </RulesFrame>
  );
};

const sentenceOf =
  (visitTypes: readonly VisitType[]) =>
  ({ maxVisits, visitTypeId }: DailyCap): string => {
    const kind = visitTypes.find(({ id }) => id === visitTypeId)?.name ?? 'a visit type no longer offered';
    const what = visitTypeId === undefined ? 'all together' : `of “${kind}”`;
    return maxVisits === 0 ? `No visits a day, ${what}` : `At most ${maxVisits} a day, ${what}`;
  };

const DailyCaps = (props: { providerId: PersonId; onDone: (words: string) => void }): JSX.Element => {
  const { providerId } = props;
  const today = wallClock(useNow(), me.value?.timeZone ?? 'UTC').date;
  const loaded = useLoaded(async () => {
    const [caps, visitTypes] = await Promise.all([fetchDailyCaps(providerId), fetchVisitTypes()]);
    return { caps, visitTypes };
  });
  const [adding, setAdding] = useState(false);
  const changeList = changeOf(loaded.value?.caps, {
    save: (list) => saveDailyCaps(providerId, list),
    reload: loaded.reloaded,
  });
  const finish = (words: string) => {
    setAdding(false);
    props.onDone(words);
  };
  return (
    <section class="stack" aria-label="Daily caps">
      {loaded.error && <Notice tone="danger">{loaded.error.message}</Notice>}
      {!loaded.value && !loaded.error && <Loading words="Looking up the daily caps…" />}
      {loaded.value && (
        <DatedList
          rows={loaded.value.caps.rows}
          today={today}
          none="No cap is in force: a day takes what fits into it."
          testId="cap"
          sentence={sentenceOf(loaded.value.visitTypes)}
          changeList={changeList}
          onDone={finish}
        />
      )}
      {loaded.value && isAdmin() && (
        <p>
          <button type="button" class="button button--primary" data-testid="cap-add" onClick={() => setAdding(true)}>
            Add a daily cap
          </button>
        </p>
      )}
      {adding && loaded.value && (
        <AddCap
          visitTypes={loaded.value.visitTypes}
          today={today}
          changeList={changeList}
          onClose={() => setAdding(false)}
          onDone={finish}
        />
      )}
    </section>
  );
};

const AddCap = (props: {
  visitTypes: readonly VisitType[];
  today: string;
  changeList: ChangeList<DailyCap>;
  onClose: () => void;
  onDone: (words: string) => void;
}): JSX.Element => {
  const { visitTypes } = props;
  const [dates, setDates] = useState<DatesGiven>({ validFrom: props.today, validTo: '', source: '' });
  const [maxVisits, setMaxVisits] = useState('8');
  const [visitTypeId, setVisitTypeId] = useState<VisitTypeId>();
  const row: DailyCap = { ...daysOf(dates), maxVisits: Number(maxVisits), ...(visitTypeId && { visitTypeId }) };
  return (
    <AddDated
      title="Add a daily cap"
      dates={dates}
      onDates={setDates}
      rows={[row]}
      changeList={props.changeList}
      onClose={props.onClose}
      onDone={() => props.onDone(`Added: ${sentenceOf(visitTypes)(row)}.`)}
    >
      <div class="fields">
        <Field label="Most visits a day">
          <input
            type="number"
            class="input"
            required
            min={0}
            max={MAX}
            value={maxVisits}
            data-testid="cap-max"
            onInput={(event) => setMaxVisits(event.currentTarget.value)}
          />
        </Field>
        <Field label="Of which visit">
          <select
            class="select"
            value={visitTypeId ?? ''}
            data-testid="cap-type"
            onChange={(event) => setVisitTypeId(visitTypes.find(({ id }) => id === event.currentTarget.value)?.id)}
          >
            <option value="">All visits together</option>
            {visitTypes.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        </Field>
      </div>
    </AddDated>
  );
};
