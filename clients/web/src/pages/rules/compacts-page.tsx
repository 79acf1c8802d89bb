import type { CompactMember } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { fetchCompacts, saveCompacts } from '../../api/rules-api.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { useNow } from '../../hooks/use-now.ts';
import { me } from '../../session.ts';
import { REGIONS, regionName } from '../../text/regions.ts';
import { wallClock } from '../../text/zoned.ts';
import { Field } from '../../ui/field.tsx';
import { Loading, Notice } from '../../ui/notice.tsx';
import { isAdmin } from '../../ui/staff-frame.tsx';
import { AddDated, type DatesGiven, datesOf } from './dated-form.tsx';
import { type ChangeList, changeOf, DatedList } from './dated-list.tsx';
import { RulesFrame } from './rules-frame.tsx';

const sentence = ({ compact, region }: CompactMember): string => `${regionName(region)} is in ${compact}`;
const byName = (a: CompactMember, b: CompactMember): number =>
  a.compact.localeCompare(b.compact) || regionName(a.region).localeCompare(regionName(b.region));

/** Which states a licence by a compact is good for. */
export const CompactsPage = (): JSX.Element => {
  const today = wallClock(useNow(), me.value?.timeZone ?? 'UTC').date;
  const loaded = useLoaded(fetchCompacts);
  const [adding, setAdding] = useState(false);
  const [done, setDone] = useState('');
  const changeList = changeOf(loaded.value, { save: saveCompacts, reload: loaded.reloaded });
  const finish = (words: string) => {
    setAdding(false);
    setDone(words);
  };
  const members = loaded.value?.rows.toSorted(byName) ?? [];
  const names = [...new Set(members.map(({ compact }) => compact))];
  return (
    <RulesFrame
      title="Compacts"
      about="States that accept each other’s licences. A provider with a licence by a compact can be booked for every state that is in it on that day."
      done={done}
    >
      {loaded.error && <Notice tone="danger">{loaded.error.message}</Notice>}
      {!loaded.value && !loaded.error && <Loading words="Looking up the compacts…" />}
      {loaded.value && names.length === 0 && <p class="soft">No state is in a compact.</p>}
      {names.map((name) => (
        <section key={name} class="stack" aria-label={name}>
          <h2>{name}</h2>
          <DatedList
            rows={members.filter(({ compact }) => compact === name)}
            today={today}
            none="No state is in it now."
            testId="compact"
            sentence={sentence}
            changeList={changeList}
            onDone={finish}
          />
        </section>
      ))}
      {loaded.value && isAdmin() && (
        <p>
          <button
            type="button"
            class="button button--primary"
            data-testid="compact-add"
            onClick={() => setAdding(true)}
          >
            Add states
          </button>
        </p>
      )}
      {adding && (
        <AddStates
          names={names}
          today={today}
          changeList={changeList}
          onClose={() => setAdding(false)}
          onDone={finish}
        />
      )}
    </RulesFrame>
  );
};

const AddStates = (props: {
  names: readonly string[];
  today: string;
  changeList: ChangeList<CompactMember>;
  onClose: () => void;
  onDone: (words: string) => void;
}): JSX.Element => {
  const knownId = useId();
  const [dates, setDates] = useState<DatesGiven>({ validFrom: props.today, validTo: '', source: '' });
  const [compact, setCompact] = useState(props.names[0] ?? '');
  const [regions, setRegions] = useState<readonly string[]>([]);
  const rows = regions.map((region): CompactMember => ({ compact: compact.trim(), region, ...datesOf(dates) }));
  const turn = (code: string, isIn: boolean) =>
    setRegions(isIn ? [...regions, code] : regions.filter((one) => one !== code));
  return (
    <AddDated
      title="Add states to a compact"
      dates={dates}
      onDates={setDates}
      sourceHint="The compact’s own map or register, for example."
      rows={rows}
      changeList={props.changeList}
      onClose={props.onClose}
      onDone={() => props.onDone(`Added to ${compact.trim()}: ${regions.map(regionName).join(', ')}.`)}
    >
      <Field label="Name of the compact" hint="As it stands in the licences, for example PSYPACT.">
        <input
          class="input"
          required
          maxLength={40}
          list={knownId}
          value={compact}
          data-testid="compact-name"
          onInput={(event) => setCompact(event.currentTarget.value)}
        />
      </Field>
      <datalist id={knownId}>
        {props.names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <fieldset class="plain-set">
        <legend class="field__label">States</legend>
        <div class="states">
          {REGIONS.map(({ code, name }) => (
            <label key={code} class="check">
              <input
                type="checkbox"
                checked={regions.includes(code)}
                data-testid={`compact-${code}`}
                // The browser asks for one at least.
                required={regions.length === 0 && code === REGIONS[0]?.code}
                onChange={(event) => turn(code, event.currentTarget.checked)}
              />
              <span>{name}</span>
            </label>
          ))}
        </div>
      </fieldset>
    </AddDated>
  );
};
