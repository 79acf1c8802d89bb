import type { Agreement, AgreementRequest, DataCategory } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { endAgreement, fetchAgreements, recordAgreement } from '../../api/rights-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { useNow } from '../../hooks/use-now.ts';
import { me } from '../../session.ts';
import { namesOf } from '../../text/booking.ts';
import { dateWords, wallClock } from '../../text/zoned.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { EndDialog } from '../../ui/end-dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { FormEnd } from '../../ui/form-end.tsx';
import { isCompliance } from '../../ui/staff-frame.tsx';
import { NotFoundPage } from '../not-found-page.tsx';
import { ListPage } from '../schedule/list-page.tsx';

const CATEGORIES: Record<DataCategory, string> = {
  contact: 'how to reach patients',
  'appointment-time': 'when visits are',
  'provider-name': 'names of providers',
  identifiers: 'numbers that identify patients',
  clinical: 'what is medical',
  media: 'pictures and sound',
};

export const AgreementsPage = (): JSX.Element => (isCompliance() ? <Agreements /> : <NotFoundPage />);

/** Who may be sent what of patients: without an agreement in force nothing leaves. */
const Agreements = (): JSX.Element => {
  const today = wallClock(useNow(60_000), me.value?.timeZone ?? 'UTC').date;
  const { value, error, reload } = useLoaded(fetchAgreements);
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<Agreement>();
  const [done, setDone] = useState('');
  const finish = (words: string) => {
    setAdding(false);
    setEnding(undefined);
    setDone(words);
    reload();
  };
  return (
    <ListPage
      title="Agreements"
      about="Nothing of a patient’s is sent to another company’s computer unless an agreement in force covers it."
      act={
        <button
          type="button"
          class="button button--primary"
          data-testid="agreement-add"
          onClick={() => setAdding(true)}
        >
          Record an agreement
        </button>
      }
      done={done}
      list={{ items: value, error }}
      loading="Looking up the agreements…"
      none="There is none: nothing leaves."
      item={(one) => (
        <li key={one.id} class="rule" data-testid="agreement">
          <div>
            <p class="row">
              <strong>{one.vendor}</strong>
              <span class={`chip${one.isExpiring ? ' chip--warm' : one.isInForce ? ' chip--live' : ''}`}>
                {one.isExpiring ? 'Ends soon' : one.isInForce ? 'In force' : 'Not in force'}
              </span>
            </p>
            <p>
              {one.purpose}: {one.destination} may be sent {namesOf(one.categories.map((name) => CATEGORIES[name]))}.
            </p>
            <p class="soft small">
              {one.basis === 'own-host' ? 'The clinic’s own computer' : 'Business associate agreement'},{' '}
              {one.documentReference} · from {dateWords(one.validFrom, today)}
              {one.validTo && ` until ${dateWords(one.validTo, today)}`}
            </p>
          </div>
          {one.isInForce && (
            <button
              type="button"
              class="button button--quiet"
              data-testid="agreement-end"
              aria-label={`End: ${one.vendor}`}
              onClick={() => setEnding(one)}
            >
              End
            </button>
          )}
        </li>
      )}
    >
      {adding && <AgreementDialog today={today} onClose={() => setAdding(false)} onDone={finish} />}
      {ending && <EndAgreement agreement={ending} onClose={() => setEnding(undefined)} onDone={finish} />}
    </ListPage>
  );
};

const EndAgreement = (props: {
  agreement: Agreement;
  onClose: () => void;
  onDone: (words: string) => void;
}): JSX.Element => {
  const { id, vendor } = props.agreement;
  const act = useAct();
  return (
    <EndDialog
      title="End this agreement now?"
      end="End it"
      testId="agreement-end-confirm"
      busy={act.busy}
      problem={act.error}
      onEnd={() =>
        void act.run(
          { id },
          () => endAgreement(id),
          () => props.onDone(`The agreement with ${vendor} is over.`),
        )
      }
      onClose={props.onClose}
    >
      <p>Nothing is sent to {vendor} from now on.</p>
    </EndDialog>
  );
};

const AgreementDialog = (props: {
  today: string;
  onClose: () => void;
  onDone: (words: string) => void;
}): JSX.Element => {
  const [form, setForm] = useState<AgreementRequest>({
    basis: 'agreement',
    vendor: '',
    purpose: '',
    destination: '',
    categories: [],
    documentReference: '',
    validFrom: props.today,
  });
  const act = useAct();
  const set = (change: Partial<AgreementRequest>) => setForm({ ...form, ...change });
  const text = (name: 'vendor' | 'purpose' | 'destination' | 'documentReference', label: string, hint: string) => (
    <Field label={label} hint={hint}>
      <input
        class="input"
        required
        maxLength={200}
        value={form[name]}
        data-testid={`agreement-${name}`}
        onInput={(event) => set({ [name]: event.currentTarget.value })}
      />
    </Field>
  );
  return (
    <Dialog title="Record an agreement" wide onClose={props.onClose}>
      <form
        class="rule-form"
        data-testid="agreement-form"
        onSubmit={(event) => {
          event.preventDefault();
          void act.run(form, recordAgreement, () => props.onDone(`The agreement with ${form.vendor} is recorded.`));
        }}
      >
        <Field label="What lets it be sent">
          <select
            class="select"
            value={form.basis}
            data-testid="agreement-basis"
            onChange={(event) => set({ basis: event.currentTarget.value === 'own-host' ? 'own-host' : 'agreement' })}
          >
            <option value="agreement">A signed business associate agreement</option>
            <option value="own-host">It is a computer of the clinic’s own</option>
          </select>
        </Field>
        {text('vendor', 'With whom', 'The company, or the department that runs the computer.')}
        {text('purpose', 'What for', 'Sending reminders, for example.')}
        {text('destination', 'Address of the computer', 'Its host name, as it stands in the settings.')}
        {text('documentReference', 'Where the document is kept', 'The signed one, or the decision.')}
        <fieldset class="plain-set">
          <legend class="field__label">What may be sent</legend>
          {Object.entries(CATEGORIES).map(([category, words]) => (
            <label key={category} class="check">
              <input
                type="checkbox"
                checked={form.categories.includes(category as DataCategory)}
                data-testid={`agreement-${category}`}
                onChange={(event) =>
                  set({
                    categories: event.currentTarget.checked
                      ? [...form.categories, category as DataCategory]
                      : form.categories.filter((one) => one !== category),
                  })
                }
              />
              <span>{words.charAt(0).toUpperCase() + words.slice(1)}</span>
            </label>
          ))}
        </fieldset>
        <div class="fields">
          <Field label="First day">
            <input
              type="date"
              class="input"
              required
              value={form.validFrom}
              onInput={(event) => set({ validFrom: event.currentTarget.value })}
            />
          </Field>
          <Field label="Last day (optional)">
            <input
              type="date"
              class="input"
              min={form.validFrom}
              value={form.validTo ?? ''}
              onInput={({ currentTarget: { value } }) => {
                const { validTo: _, ...rest } = form;
                setForm(value ? { ...rest, validTo: value } : rest);
              }}
            />
          </Field>
        </div>
        <FormEnd
          problem={act.error}
          send="Record it"
          busy={act.busy}
          isReady={form.categories.length > 0}
          testId="agreement-save"
          onClose={props.onClose}
        />
      </form>
    </Dialog>
  );
};
