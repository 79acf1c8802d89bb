import type { Participant } from '@bedside/protocol';
import type { ComponentChildren, JSX } from 'preact';

/** Something that a host does to somebody else. The words name the person, at least to who cannot see where it stands. */
export const PersonAction = (props: {
  person: Participant;
  testId: string;
  tone: string;
  act: (personId: Participant['personId']) => void;
  children: ComponentChildren;
}): JSX.Element => (
  <button
    type="button"
    class={`button ${props.tone}`}
    data-testid={props.testId}
    data-person-id={props.person.personId}
    onClick={() => props.act(props.person.personId)}
  >
    {props.children}
  </button>
);
