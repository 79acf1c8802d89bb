import type { VisitTypeSettings } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { addVisitType, type KeptVisitType, saveVisitType } from '../../api/rules-api.ts';
import { useAct } from '../../hooks/use-act.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { FormEnd } from '../../ui/form-end.tsx';
import { QuestionsFields, withoutEmptyOptions } from './questions-fields.tsx';

const NEW: VisitTypeSettings = {
  name: '',
  modality: 'video',
  durationMinutes: 30,
  bufferBeforeMinutes: 0,
  bufferAfterMinutes: 0,
  minimumNoticeMinutes: 60,
  bookingHorizonDays: 30,
  cancelNoticeMinutes: 24 * 60,
  seats: 1,
  selfPay: true,
  intakeQuestions: [],
  earlyEntryMinutes: 15,
  lateEntryMinutes: 60,
  isActive: true,
};

type NumberName = {
  [Name in keyof VisitTypeSettings]-?: VisitTypeSettings[Name] extends number | undefined ? Name : never;
}[keyof VisitTypeSettings];

interface NumberField {
  readonly name: NumberName;
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly optional?: true;
}

const LENGTH: readonly NumberField[] = [
  { name: 'durationMinutes', label: 'Length (minutes)', min: 5, max: 480 },
  { name: 'bufferBeforeMinutes', label: 'Kept free before (minutes)', min: 0, max: 240 },
  { name: 'bufferAfterMinutes', label: 'Kept free after (minutes)', min: 0, max: 240 },
  { name: 'stepMinutes', label: 'A start every (minutes, optional)', min: 5, max: 480, optional: true },
  { name: 'seats', label: 'Patients at once', min: 1, max: 100 },
];
const NOTICE: readonly NumberField[] = [
  { name: 'minimumNoticeMinutes', label: 'Booked at least (minutes ahead)', min: 0, max: 525_600 },
  { name: 'bookingHorizonDays', label: 'Booked at most (days ahead)', min: 1, max: 366 },
  { name: 'cancelNoticeMinutes', label: 'Changed at least (minutes ahead)', min: 0, max: 525_600 },
  { name: 'earlyEntryMinutes', label: 'Door opens (minutes before)', min: 0, max: 1440 },
  { name: 'lateEntryMinutes', label: 'Door closes (minutes after)', min: 0, max: 1440 },
];

/** Everything there is to set of a visit type. */
export const VisitTypeDialog = (props: {
  /** Absent: a new one. */
  type: KeptVisitType | undefined;
  onClose: () => void;
  onDone: (words: string) => void;
}): JSX.Element => {
  const [form, setForm] = useState<VisitTypeSettings | KeptVisitType>(props.type ?? NEW);
  const act = useAct();
  const set = (change: Partial<VisitTypeSettings>) => setForm({ ...form, ...change });
  const save = (event: Event) => {
    event.preventDefault();
    const done = () => props.onDone(`${form.name.trim()} is saved.`);
    const settings = { ...form, intakeQuestions: form.intakeQuestions.map(withoutEmptyOptions) };
    if ('id' in settings) void act.run(settings, (next) => saveVisitType(next), done);
    else void act.run(settings, addVisitType, done);
  };
  const numbers = (fields: readonly NumberField[]): JSX.Element => (
    <div class="fields">
      {fields.map(({ name, label, min, max, optional }) => (
        <Field key={name} label={label}>
          <input
            type="number"
            class="input"
            required={!optional}
            min={min}
            max={max}
            value={form[name]}
            data-testid={`visit-type-${name}`}
            onInput={({ currentTarget: { value } }) => {
              const { [name]: _, ...rest } = form;
              setForm((value === '' ? rest : { ...form, [name]: Number(value) }) as typeof form);
            }}
          />
        </Field>
      ))}
    </div>
  );
  return (
    <Dialog title={props.type ? `Change ${props.type.name}` : 'Add a visit type'} wide onClose={props.onClose}>
      <form class="rule-form" data-testid="visit-type-form" onSubmit={save}>
        <Field label="Name">
          <input
            class="input"
            required
            maxLength={200}
            value={form.name}
            data-testid="visit-type-name"
            onInput={(event) => set({ name: event.currentTarget.value })}
          />
        </Field>
        <Field label="Takes place">
          <select
            class="select"
            value={form.modality}
            onChange={({ currentTarget: { value } }) => {
              if (value === 'video' || value === 'audio' || value === 'chat') set({ modality: value });
            }}
          >
            <option value="video">By video</option>
            <option value="audio">By sound only</option>
            <option value="chat">In writing</option>
          </select>
        </Field>
        {numbers(LENGTH)}
        {numbers(NOTICE)}
        <label class="check">
          <input
            type="checkbox"
            checked={form.selfPay}
            onChange={(event) => set({ selfPay: event.currentTarget.checked })}
          />
          <span>Patients can pay for it themselves</span>
        </label>
        <QuestionsFields questions={form.intakeQuestions} onQuestions={(intakeQuestions) => set({ intakeQuestions })} />
        <FormEnd problem={act.error} send="Save" busy={act.busy} testId="visit-type-save" onClose={props.onClose} />
      </form>
    </Dialog>
  );
};
