import type { PayerId, PayerRule, VisitType, VisitTypeId } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { KeptPayer } from '../../api/rules-api.ts';
import { Field } from '../../ui/field.tsx';
import { StateSelect } from '../../ui/state-select.tsx';
import { AddDated, type DatesGiven, datesOf } from './dated-form.tsx';
import type { ChangeList } from './dated-list.tsx';

/** Whether a payer pays, for which visit, in which state. */
export const PayerRuleDialog = (props: {
  /** At least one. */
  payers: readonly KeptPayer[];
  visitTypes: readonly VisitType[];
  today: string;
  changeList: ChangeList<PayerRule>;
  onClose: () => void;
  onDone: (rule: PayerRule) => void;
}): JSX.Element => {
  const { payers, visitTypes } = props;
  const [dates, setDates] = useState<DatesGiven>({ validFrom: props.today, validTo: '', source: '' });
  const [payerId, setPayerId] = useState<PayerId | undefined>(payers[0]?.id);
  const [effect, setEffect] = useState<PayerRule['effect']>('allow');
  const [visitTypeId, setVisitTypeId] = useState<VisitTypeId>();
  const [region, setRegion] = useState('');
  const row: PayerRule = {
    ...datesOf(dates),
    payerId: payerId as PayerId,
    effect,
    ...(visitTypeId && { visitTypeId }),
    ...(region && { region }),
  };
  return (
    <AddDated
      title="Add a rule of a payer"
      dates={dates}
      onDates={setDates}
      sourceHint="The contract or the payer’s notice, for example."
      rows={[row]}
      changeList={props.changeList}
      onClose={props.onClose}
      onDone={() => props.onDone(row)}
    >
      <div class="fields">
        <Field label="Payer">
          <select
            class="select"
            value={payerId ?? ''}
            data-testid="payer-rule-payer"
            onChange={(event) => setPayerId(payers.find(({ id }) => id === event.currentTarget.value)?.id)}
          >
            {payers.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        </Field>
        <Field label="Says">
          <select
            class="select"
            value={effect}
            data-testid="payer-rule-effect"
            onChange={(event) => setEffect(event.currentTarget.value === 'deny' ? 'deny' : 'allow')}
          >
            <option value="allow">It pays</option>
            <option value="deny">It does not pay</option>
          </select>
        </Field>
        <Field label="For which visit">
          <select
            class="select"
            value={visitTypeId ?? ''}
            data-testid="payer-rule-type"
            onChange={(event) => setVisitTypeId(visitTypes.find(({ id }) => id === event.currentTarget.value)?.id)}
          >
            <option value="">Every visit</option>
            {visitTypes.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        </Field>
        <Field label="In which state">
          <StateSelect value={region} testId="payer-rule-region" anyWords="Every state" onPick={setRegion} />
        </Field>
      </div>
    </AddDated>
  );
};
