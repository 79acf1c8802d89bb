import type { License, PersonId } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { fetchLicenses, saveLicenses } from '../../api/rules-api.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { useNow } from '../../hooks/use-now.ts';
import { me } from '../../session.ts';
import { regionName } from '../../text/regions.ts';
import { wallClock } from '../../text/zoned.ts';
import { Field } from '../../ui/field.tsx';
import { Loading, Notice } from '../../ui/notice.tsx';
import { isAdmin } from '../../ui/staff-frame.tsx';
import { StateSelect } from '../../ui/state-select.tsx';
import { ProviderSelect } from '../book/provider-select.tsx';
import { AddDated, type DatesGiven, datesOf } from './dated-form.tsx';
import { type ChangeList, changeOf, DatedList } from './dated-list.tsx';
import { RulesFrame } from './rules-frame.tsx';

const licenseWords = ({ region, compact, number }: License): string =>
  `${region ? regionName(region) : `Compact ${compact}`}${number && `, number ${number}`}`;

/** In which states each provider may see patients. */
export const LicensesPage = (): JSX.Element => {
  const [providerId, setProviderId] = useState<PersonId>();
  const [done, setDone] = useState('');
  return (
    <RulesFrame
      title="Licences"
      about="A provider can be booked by patients who will be in a state where the provider is licensed on that day."
      done={done}
    >
      <ProviderSelect
        label="Provider"
        value={providerId}
        testId="license-provider"
        onPick={(provider) => {
          setProviderId(provider?.id);
          setDone('');
        }}
      />
      {providerId && <Licenses key={providerId} providerId={providerId} onDone={setDone} />}
    </RulesFrame>
  );
};

const Licenses = (props: { providerId: PersonId; onDone: (words: string) => void }): JSX.Element => {
  const { providerId } = props;
  const today = wallClock(useNow(), me.value?.timeZone ?? 'UTC').date;
  const loaded = useLoaded(() => fetchLicenses(providerId));
  const [adding, setAdding] = useState(false);
  const changeList = changeOf(loaded.value, {
    save: (list) => saveLicenses(providerId, list),
    reload: loaded.reloaded,
  });
  const finish = (words: string) => {
    setAdding(false);
    props.onDone(words);
  };
  return (
    <section class="stack" aria-label="Licences">
      {loaded.error && <Notice tone="danger">{loaded.error.message}</Notice>}
      {!loaded.value && !loaded.error && <Loading words="Looking up the licences…" />}
      {loaded.value && (
        <DatedList
          rows={loaded.value.rows}
          today={today}
          none="No licence is in force."
          testId="license"
          sentence={licenseWords}
          changeList={changeList}
          onDone={finish}
        />
      )}
      {isAdmin() && loaded.value && (
        <p>
          <button
            type="button"
            class="button button--primary"
            data-testid="license-add"
            onClick={() => setAdding(true)}
          >
            Add a licence
          </button>
        </p>
      )}
      {adding && loaded.value && (
        <AddLicense today={today} changeList={changeList} onClose={() => setAdding(false)} onDone={finish} />
      )}
    </section>
  );
};

const AddLicense = (props: {
  today: string;
  changeList: ChangeList<License>;
  onClose: () => void;
  onDone: (words: string) => void;
}): JSX.Element => {
  const [dates, setDates] = useState<DatesGiven>({ validFrom: props.today, validTo: '', source: '' });
  const [isCompact, setCompact] = useState(false);
  const [region, setRegion] = useState('');
  const [compact, setCompactName] = useState('');
  const [number, setNumber] = useState('');
  const row: License = {
    ...datesOf(dates),
    number: number.trim(),
    ...(isCompact ? { compact: compact.trim() } : { region }),
  };
  return (
    <AddDated
      title="Add a licence"
      dates={dates}
      onDates={setDates}
      sourceHint="The board’s register, for example."
      rows={[row]}
      changeList={props.changeList}
      onClose={props.onClose}
      onDone={() => props.onDone(`Added: ${licenseWords(row)}.`)}
    >
      <label class="check">
        <input type="checkbox" checked={isCompact} onChange={(event) => setCompact(event.currentTarget.checked)} />
        <span>By a compact of several states</span>
      </label>
      <div class="fields">
        {isCompact ? (
          <Field label="Name of the compact">
            <input
              class="input"
              required
              maxLength={40}
              value={compact}
              onInput={(event) => setCompactName(event.currentTarget.value)}
            />
          </Field>
        ) : (
          <Field label="State">
            <StateSelect value={region} testId="license-region" onPick={setRegion} />
          </Field>
        )}
        <Field label="Number (optional)">
          <input
            class="input"
            maxLength={60}
            value={number}
            data-testid="license-number"
            onInput={(event) => setNumber(event.currentTarget.value)}
          />
        </Field>
      </div>
    </AddDated>
  );
};
