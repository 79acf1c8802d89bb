import type { PersonId, Provider } from '@bedside/protocol';
import type { JSX } from 'preact';
import { Field } from '../../ui/field.tsx';
import { Loading } from '../../ui/notice.tsx';
import { useProviders } from './use-providers.ts';
import { MoreProviders } from './wish-selects.tsx';

/** One of those who can be booked. */
export const ProviderSelect = (props: {
  label: string;
  value: PersonId | undefined;
  testId: string;
  /** Who is not to be chosen. */
  without?: PersonId | undefined;
  onPick: (provider: Provider | undefined) => void;
}): JSX.Element => {
  const people = useProviders('');
  return (
    <>
      {people.isLoading && <Loading words="Looking up who is there…" />}
      <Field label={props.label}>
        <select
          class="select"
          required
          value={props.value ?? ''}
          data-testid={props.testId}
          onChange={(event) => props.onPick(people.providers.find(({ id }) => id === event.currentTarget.value))}
        >
          <option value="">Choose a provider</option>
          {people.providers
            .filter(({ id }) => id !== props.without)
            .map((one) => (
              <option key={one.id} value={one.id}>
                {one.displayName}, {one.specialty}
              </option>
            ))}
        </select>
      </Field>
      <MoreProviders people={people} words="List more providers" />
    </>
  );
};
