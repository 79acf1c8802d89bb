import type { PayerRule, VisitType } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import {
  addPayer,
  fetchPayerRules,
  fetchPayerSettings,
  type KeptPayer,
  savePayer,
  savePayerRules,
  type Versioned,
} from '../../api/rules-api.ts';
import { fetchVisitTypes } from '../../api/scheduling-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { useNow } from '../../hooks/use-now.ts';
import { me } from '../../session.ts';
import { regionName } from '../../text/regions.ts';
import { wallClock } from '../../text/zoned.ts';
import { Field } from '../../ui/field.tsx';
import { Loading, Notice } from '../../ui/notice.tsx';
import { SaveProblem } from '../../ui/save-problem.tsx';
import { isAdmin } from '../../ui/staff-frame.tsx';
import { changeOf, DatedList } from './dated-list.tsx';
import { PayerRuleDialog } from './payer-rule-dialog.tsx';
import { RulesFrame } from './rules-frame.tsx';

const NAME_MAX = 200;

const load = async () => {
  const [payers, rules, visitTypes] = await Promise.all([fetchPayerSettings(), fetchPayerRules(), fetchVisitTypes()]);
  return { payers, rules, visitTypes };
};

/** Who may pay for visits, and for which. */
export const PayersPage = (): JSX.Element => {
  const loaded = useLoaded(load);
  const [done, setDone] = useState('');
  const finish = (words: string) => {
    setDone(words);
    loaded.reload();
  };
  return (
    <RulesFrame
      title="Payers"
      about="Who may pay for a visit instead of the patient, and what they pay for. Visits that are booked keep their payer."
      done={done}
    >
      {loaded.error && <Notice tone="danger">{loaded.error.message}</Notice>}
      {!loaded.value && !loaded.error && <Loading words="Looking up the payers…" />}
      {loaded.value && (
        <>
          <Payers payers={loaded.value.payers} onDone={finish} />
          <PayerRules {...loaded.value} onReload={loaded.reloaded} onDone={setDone} />
        </>
      )}
    </RulesFrame>
  );
};

const Payers = (props: { payers: readonly KeptPayer[]; onDone: (words: string) => void }): JSX.Element => {
  const [name, setName] = useState('');
  const act = useAct();
  const add = (event: Event) => {
    event.preventDefault();
    void act.run({ name: name.trim(), isActive: true }, addPayer, (payer) => {
      setName('');
      props.onDone(`${payer.name} can be named for visits now.`);
    });
  };
  const turn = (payer: KeptPayer) =>
    act.run(
      { ...payer, isActive: !payer.isActive },
      (next) => savePayer(next),
      ({ name, isActive }) => props.onDone(isActive ? `${name} can be named again.` : `${name} can be named no more.`),
    );
  return (
    <section class="stack" aria-labelledby="payers">
      <h2 id="payers">Who can pay</h2>
      {props.payers.length === 0 && <p class="soft">Nobody yet: patients pay for themselves.</p>}
      <ul class="rules">
        {props.payers.map((payer) => (
          <li key={payer.id} class="rule" data-testid="payer">
            <div>
              <p>
                <strong>{payer.name}</strong>
              </p>
              {!payer.isActive && <p class="soft small">Can be named for no visit any more</p>}
            </div>
            {isAdmin() && (
              <div class="rule__acts">
                <button
                  type="button"
                  class="button button--quiet"
                  data-testid="payer-turn"
                  aria-label={`${payer.isActive ? 'End' : 'Bring back'}: ${payer.name}`}
                  onClick={() => void turn(payer)}
                >
                  {payer.isActive ? 'End' : 'Bring back'}
                </button>
              </div>
            )}
          </li>
        ))}
      </ul>
      {isAdmin() && (
        <form class="add-line" onSubmit={add}>
          <Field label="Name of a new payer">
            <input
              class="input"
              required
              maxLength={NAME_MAX}
              value={name}
              data-testid="payer-name"
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </Field>
          <button type="submit" class="button button--secondary" data-testid="payer-add" disabled={act.busy}>
            Add the payer
          </button>
        </form>
      )}
      <SaveProblem problem={act.error} />
    </section>
  );
};

const PayerRules = (props: {
  payers: readonly KeptPayer[];
  rules: Versioned<PayerRule>;
  visitTypes: readonly VisitType[];
  onReload: () => Promise<void>;
  onDone: (words: string) => void;
}): JSX.Element => {
  const { payers, visitTypes } = props;
  const today = wallClock(useNow(), me.value?.timeZone ?? 'UTC').date;
  const [adding, setAdding] = useState(false);
  const changeList = changeOf(props.rules, { save: savePayerRules, reload: props.onReload });
  const sentence = ({ payerId, visitTypeId, region, effect }: PayerRule): string => {
    const payer = payers.find(({ id }) => id === payerId)?.name ?? 'A payer';
    const what = visitTypeId
      ? (visitTypes.find(({ id }) => id === visitTypeId)?.name ?? 'a visit type no longer offered')
      : 'every visit';
    const where = region ? ` in ${regionName(region)}` : '';
    return `${payer} ${effect === 'allow' ? 'pays' : 'does not pay'} for ${what}${where}`;
  };
  const finish = (words: string) => {
    setAdding(false);
    props.onDone(words);
  };
  return (
    <section class="stack" aria-labelledby="payer-rules">
      <h2 id="payer-rules">What they pay for</h2>
      <p class="soft">
        As soon as one payer is said to pay for a visit, only those said to pay for it can be named for it.
      </p>
      <DatedList
        rows={props.rules.rows}
        today={today}
        none="No rules: every payer can be named for every visit."
        testId="payer-rule"
        sentence={sentence}
        changeList={changeList}
        onDone={finish}
      />
      {isAdmin() && payers.length > 0 && (
        <p>
          <button
            type="button"
            class="button button--secondary"
            data-testid="payer-rule-add"
            onClick={() => setAdding(true)}
          >
            Add a rule
          </button>
        </p>
      )}
      {adding && (
        <PayerRuleDialog
          payers={payers}
          visitTypes={visitTypes}
          today={today}
          changeList={changeList}
          onClose={() => setAdding(false)}
          onDone={(rule) => finish(`Added: ${sentence(rule)}.`)}
        />
      )}
    </section>
  );
};
