import type { Payer, PayerId } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type ApiError, apiErrorOf } from '../../api/http.ts';
import { Field } from '../../ui/field.tsx';
import { Notice } from '../../ui/notice.tsx';
import type { useProviders } from './use-providers.ts';

export const SpecialtySelect = (props: {
  specialties: readonly string[];
  value: string;
  testId: string;
  onPick: (specialty: string) => void;
}): JSX.Element => (
  <Field label="Specialty">
    <select
      class="select"
      value={props.value}
      data-testid={props.testId}
      onChange={(event) => props.onPick(event.currentTarget.value)}
    >
      <option value="">Any</option>
      {props.specialties.map((one) => (
        <option key={one} value={one}>
          {one}
        </option>
      ))}
    </select>
  </Field>
);

/** Who pays; nothing where the clinic knows nobody but the patient. */
export const PayerSelect = (props: {
  payers: readonly Payer[];
  value: PayerId | undefined;
  label: string;
  /** The answer that names no payer. */
  patientWords: string;
  testId: string;
  onPick: (payerId: PayerId | undefined) => void;
}): JSX.Element | null => {
  const { payers } = props;
  if (payers.length === 0) return null;
  return (
    <Field label={props.label}>
      <select
        class="select"
        value={props.value ?? ''}
        data-testid={props.testId}
        onChange={(event) => props.onPick(payers.find(({ id }) => id === event.currentTarget.value)?.id)}
      >
        <option value="">{props.patientWords}</option>
        {payers.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name}
          </option>
        ))}
      </select>
    </Field>
  );
};

/** The way to those who did not fit the first page, and what went wrong with the list. */
export const MoreProviders = (props: { people: ReturnType<typeof useProviders>; words: string }): JSX.Element => {
  const { more, error } = props.people;
  const [problem, setProblem] = useState<ApiError>();
  const shown = error ?? problem;
  return (
    <>
      {more && (
        <p>
          <button
            type="button"
            class="button button--quiet"
            onClick={() => void more().catch((cause: unknown) => setProblem(apiErrorOf(cause)))}
          >
            {props.words}
          </button>
        </p>
      )}
      {shown && <Notice tone="danger">{shown.message}</Notice>}
    </>
  );
};
