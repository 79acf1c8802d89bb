import type { AvailabilityRule, VisitType } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { FormEnd } from '../../ui/form-end.tsx';
import { Notice } from '../../ui/notice.tsx';
import { daysOfRule } from './recurrence.ts';
import { RepeatFields } from './repeat-fields.tsx';
import { RuleDays } from './rule-days.tsx';
import { formOf, newForm, problemOf, type RuleForm, ruleOf } from './rule-form.ts';
import { ruleSentence } from './rule-words.ts';
import { type AvailabilityState, replaceRule } from './use-availability.ts';

const PREVIEW = { days: 92, max: 10 };

interface RuleDialogProps {
  /** Absent: a new one of `kind`. */
  readonly rule?: AvailabilityRule | undefined;
  readonly kind: AvailabilityRule['kind'];
  readonly today: string;
  readonly visitTypes: readonly VisitType[];
  readonly availability: AvailabilityState;
  readonly onClose: () => void;
  readonly onSaved: (words: string) => void;
}

/** One rule of the hours: what it says in words, and the days it makes, while it is being written. */
export const RuleDialog = (props: RuleDialogProps): JSX.Element => {
  const { rule, kind, today, availability, onClose } = props;
  const [form, setForm] = useState<RuleForm>(() => (rule ? formOf(rule) : newForm(kind, today)));
  const [tried, setTried] = useState(false);
  const set = (change: Partial<RuleForm>) => setForm((before) => ({ ...before, ...change }));
  const problem = problemOf(form);
  const written = problem ? undefined : ruleOf(form);
  const days =
    written && daysOfRule(written, { from: today > written.startsOn ? today : written.startsOn, ...PREVIEW });
  const save = async () => {
    setTried(true);
    if (!written) return;
    const saved = await availability.change({ rules: (rules) => replaceRule(rules, rule, written) });
    if (saved) props.onSaved(`Saved: ${ruleSentence(written, today)}.`);
  };
  const noun = kind === 'open' ? 'hours' : 'blocked time';
  return (
    <Dialog title={`${rule ? 'Change' : 'Add'} ${noun}`} wide onClose={onClose}>
      <form
        class="rule-form"
        data-testid="rule-form"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <RepeatFields form={form} set={set} />
        <div class="fields">
          <Field label="From">
            <input
              type="time"
              class="input"
              value={form.startsAt}
              data-testid="rule-from"
              onInput={(event) => set({ startsAt: event.currentTarget.value })}
            />
          </Field>
          <Field label="Until">
            <input
              type="time"
              class="input"
              value={form.endsAt === '24:00' ? '00:00' : form.endsAt}
              data-testid="rule-until"
              onInput={(event) => set({ endsAt: event.currentTarget.value })}
            />
          </Field>
        </div>
        {kind === 'block' && (
          <Field label="What for">
            <input
              class="input"
              maxLength={100}
              value={form.label}
              onInput={(event) => set({ label: event.currentTarget.value })}
            />
          </Field>
        )}
        {written && (
          <Notice icon="calendar">
            <p data-testid="rule-sentence">
              <strong>{ruleSentence(written, today)}</strong>
            </p>
          </Notice>
        )}
        {written && <RuleDays days={days} form={form} set={set} today={today} />}
        {kind === 'open' && <OpenFields form={form} set={set} visitTypes={props.visitTypes} />}
        <Advanced form={form} set={set} />
        {tried && problem && <Notice tone="danger">{problem}</Notice>}
        <FormEnd
          problem={availability.problem}
          send="Save"
          busy={availability.saving}
          testId="rule-save"
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
};

interface PartProps {
  readonly form: RuleForm;
  readonly set: (change: Partial<RuleForm>) => void;
}

const OpenFields = ({ form, set, visitTypes }: PartProps & { visitTypes: readonly VisitType[] }): JSX.Element => (
  <>
    {visitTypes.length > 1 && (
      <fieldset class="plain-set">
        <legend class="field__label">For which visits? None chosen means all.</legend>
        {visitTypes.map(({ id, name }) => (
          <label key={id} class="check">
            <input
              type="checkbox"
              checked={form.visitTypeIds.includes(id)}
              onChange={(event) =>
                set({
                  visitTypeIds: event.currentTarget.checked
                    ? [...form.visitTypeIds, id]
                    : form.visitTypeIds.filter((one) => one !== id),
                })
              }
            />
            <span>{name}</span>
          </label>
        ))}
      </fieldset>
    )}
    <label class="check">
      <input
        type="checkbox"
        checked={form.worksOnHolidays}
        onChange={(event) => set({ worksOnHolidays: event.currentTarget.checked })}
      />
      <span>On holidays too</span>
    </label>
  </>
);

const Advanced = ({ form, set }: PartProps): JSX.Element => (
  <details class="advanced">
    <summary>More</summary>
    <div class="rule-form">
      <div class="fields">
        <Field label="In force from" hint="Before that day the rule counts for nothing.">
          <input
            type="date"
            class="input"
            value={form.effectiveFrom}
            onInput={(event) => set({ effectiveFrom: event.currentTarget.value })}
          />
        </Field>
        <Field label="In force until" hint="The last day.">
          <input
            type="date"
            class="input"
            value={form.effectiveTo}
            onInput={(event) => set({ effectiveTo: event.currentTarget.value })}
          />
        </Field>
      </div>
      {form.kind === 'open' && (
        <Field label="Where you are then">
          <input
            class="input"
            maxLength={100}
            value={form.location}
            onInput={(event) => set({ location: event.currentTarget.value })}
          />
        </Field>
      )}
      <Field
        label="Recurrence rule (RRULE)"
        hint="For those who know RFC 5545, by whole days: FREQ=MONTHLY;BYDAY=1MO is every first Monday."
      >
        <input
          class="input"
          maxLength={500}
          spellcheck={false}
          value={form.repeats === 'other' ? form.rrule : (ruleOf(form).rrule ?? '')}
          data-testid="rule-rrule"
          onInput={(event) => set({ repeats: 'other', rrule: event.currentTarget.value })}
        />
      </Field>
    </div>
  </details>
);
