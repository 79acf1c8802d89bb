import type { AuditEvent, PersonSummary } from '@bedside/protocol';
import type { JSX } from 'preact';

type Somebody = Pick<PersonSummary, 'id' | 'displayName'>;

const UNKNOWN = 'Somebody who is not here any more';

/** Events as a table; on a small screen each is a block of lines. */
export const AuditEvents = (props: {
  events: readonly AuditEvent[];
  zone: string;
  onPerson: (person: Somebody) => void;
  onPatient: (patient: Somebody) => void;
}): JSX.Element => {
  const instant = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeStyle: 'medium', timeZone: props.zone });
  return (
    <table class="audit">
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">Who</th>
          <th scope="col">Did what</th>
          <th scope="col">About whom</th>
          <th scope="col">Result</th>
          <th scope="col">From where</th>
        </tr>
      </thead>
      <tbody>
        {props.events.map((event) => (
          <tr key={event.id} data-testid="audit-event">
            <td class="numeric">
              {instant.format(Date.parse(event.at))}
              {!event.sealed && <span class="soft small audit__line">not sealed yet</span>}
            </td>
            <td>
              <Who person={event.person} none="Bedside itself" act="done by" onPick={props.onPerson} />
              {event.role && <span class="soft small audit__line">{event.role}</span>}
            </td>
            <td>
              {event.action}
              <span class="soft small audit__line">{event.resource.type}</span>
            </td>
            <td>
              <Who person={event.patient} none="–" act="about" onPick={props.onPatient} />
            </td>
            <td>
              {event.outcome === 'denied' ? <span class="chip chip--warm">Refused</span> : 'Done'}
              {event.reason && <span class="soft small audit__line">{event.reason}</span>}
            </td>
            <td class="numeric">{event.address ?? '–'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};

/** A name that narrows the search to it. */
const Who = (props: {
  person: AuditEvent['person'];
  none: string;
  act: string;
  onPick: (person: Somebody) => void;
}): JSX.Element => {
  const { person } = props;
  if (person === null) return <>{props.none}</>;
  const displayName = person.displayName ?? UNKNOWN;
  return (
    <button
      type="button"
      class="text-button"
      data-testid="audit-only"
      onClick={() => props.onPick({ id: person.id, displayName })}
    >
      {displayName}
      <span class="visually-hidden">: show only what was {props.act} them</span>
    </button>
  );
};
