import type { Participant } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useNow } from '../../hooks/use-now.ts';
import { waitedFor } from '../../text/time.ts';
import { initials } from '../../text/visits.ts';
import { PanelFrame } from './panel-frame.tsx';
import { PersonAction } from './person-action.tsx';
import type { VisitModel } from './visit-model.ts';

const presenceWords = (person: Participant, nowMs: number): string => {
  if (!person.connected && person.presence !== 'absent') return 'Connection lost, may come back';
  switch (person.presence) {
    case 'admitted':
      return 'In the visit';
    case 'ready':
      return `Waiting for ${waitedFor(person.since, nowMs)}`;
    case 'device-check':
      return 'Checking camera and sound';
    case 'absent':
      return 'Not here';
  }
};

/** Who belongs to the visit and where they are; hosts let in, send back and mute from here. */
export const PeoplePanel = ({ model }: { model: VisitModel }): JSX.Element => {
  const now = useNow();
  const { room, permissions, remote } = model.state.value;
  const others = room?.others.filter(({ presence }) => presence !== 'absent') ?? [];
  return (
    <PanelFrame title="People" model={model}>
      <ul class="people">
        {others.length === 0 && <li class="soft">Nobody else is here yet.</li>}
        {others.map((person) => {
          const name = model.nameOf(person.personId);
          const microphone = remote.find(({ personId }) => personId === person.personId)?.sources.microphone;
          return (
            <li key={person.personId} class="person">
              <span class="avatar" aria-hidden="true">
                {initials(name)}
              </span>
              <div class="person__words">
                <strong>{name}</strong>
                <span class="soft small">{presenceWords(person, now)}</span>
              </div>
              <div class="person__actions">
                {permissions?.admit && person.role !== 'provider' && person.presence === 'ready' && (
                  <PersonAction person={person} testId="admit" tone="button--primary" act={model.admit}>
                    Admit <span class="visually-hidden">{name}</span>
                  </PersonAction>
                )}
                {permissions?.mute && microphone && !microphone.paused && (
                  <PersonAction person={person} testId="mute-other" tone="button--quiet" act={model.muteOther}>
                    Mute <span class="visually-hidden">{name}</span>
                  </PersonAction>
                )}
                {permissions?.admit && person.role !== 'provider' && person.presence === 'admitted' && (
                  <PersonAction person={person} testId="send-back" tone="button--quiet" act={model.sendBack}>
                    Send back <span class="visually-hidden">{name} to the waiting room</span>
                  </PersonAction>
                )}
              </div>
            </li>
          );
        })}
      </ul>
    </PanelFrame>
  );
};
