import type { AdditionalPerson, PersonId } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Field } from '../../ui/field.tsx';
import { useProviders } from '../book/use-providers.ts';
import { MoreProviders } from '../book/wish-selects.tsx';
import './further-people.css';

const MAX = 3;

/** Somebody who joins a visit beside its provider and its patient. */
export interface FurtherPerson extends AdditionalPerson {
  readonly displayName: string;
}

export const ROLE_WORDS: Record<AdditionalPerson['role'], string> = {
  provider: 'Provider',
  interpreter: 'Interpreter',
};

/** As core takes them. */
export const additionalOf = (people: readonly FurtherPerson[]): AdditionalPerson[] =>
  people.map(({ personId, role }) => ({ personId, role }));

/** Who else joins: further providers, interpreters. A time has to suit them all. */
export const FurtherPeople = (props: {
  people: readonly FurtherPerson[];
  /** Whoever leads the visit joins it anyway. */
  except?: PersonId | undefined;
  onPeople: (people: readonly FurtherPerson[]) => void;
}): JSX.Element => {
  const { people } = props;
  const known = useProviders('');
  const [picked, setPicked] = useState('');
  const [role, setRole] = useState<AdditionalPerson['role']>('provider');
  const select = useRef<HTMLSelectElement>(null);
  const choices = known.providers.filter(
    ({ id }) => id !== props.except && !people.some(({ personId }) => personId === id),
  );
  const add = () => {
    const person = choices.find(({ id }) => id === picked);
    if (person) props.onPeople([...people, { personId: person.id, role, displayName: person.displayName }]);
    setPicked('');
    select.current?.focus();
  };
  return (
    <fieldset class="plain-set further" data-testid="further">
      <legend class="field__label">Who else joins? (optional)</legend>
      {people.length > 0 && (
        <ul class="further__list">
          {people.map((person) => (
            <li key={person.personId} class="further__person">
              <span>
                <strong>{person.displayName}</strong> <span class="soft small">{ROLE_WORDS[person.role]}</span>
              </span>
              <button
                type="button"
                class="button button--quiet"
                aria-label={`Remove ${person.displayName}`}
                onClick={() => {
                  props.onPeople(people.filter((one) => one !== person));
                  select.current?.focus();
                }}
              >
                Remove
              </button>
            </li>
          ))}
        </ul>
      )}
      {people.length < MAX ? (
        <>
          <div class="fields">
            <Field label="Person">
              <select
                ref={select}
                class="select"
                value={picked}
                data-testid="further-person"
                onChange={(event) => setPicked(event.currentTarget.value)}
              >
                <option value="">Nobody else</option>
                {choices.map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.displayName}, {one.specialty}
                  </option>
                ))}
              </select>
            </Field>
            <Field label="As">
              <select
                class="select"
                value={role}
                data-testid="further-role"
                onChange={(event) => setRole(event.currentTarget.value === 'interpreter' ? 'interpreter' : 'provider')}
              >
                {Object.entries(ROLE_WORDS).map(([value, words]) => (
                  <option key={value} value={value}>
                    {words}
                  </option>
                ))}
              </select>
            </Field>
            <button
              type="button"
              class="button button--secondary"
              data-testid="further-add"
              disabled={!picked}
              onClick={add}
            >
              Add
            </button>
          </div>
          <MoreProviders people={known} words="List more people" />
        </>
      ) : (
        <p class="soft small">No more than {MAX} others can join.</p>
      )}
    </fieldset>
  );
};
