import type { EncounterView } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useNow } from '../../hooks/use-now.ts';
import { useWakeLock } from '../../hooks/use-wake-lock.ts';
import { me } from '../../session.ts';
import { waitedFor } from '../../text/time.ts';
import { Icon } from '../../ui/icons.tsx';
import { PhoneLine } from '../../ui/phone-line.tsx';
import { OwnVideo } from '../../ui/video.tsx';
import { ChatPanel } from './chat-panel.tsx';
import { connectionLabel, connectionSentence } from './connection-words.ts';
import { ControlBar } from './control-bar.tsx';
import { DevicePickers } from './device-pickers.tsx';
import { LeaveDialog } from './leave-dialog.tsx';
import { PanelFrame } from './panel-frame.tsx';
import { pathWords } from './path-words.ts';
import { PeoplePanel } from './people-panel.tsx';
import { PersonAction } from './person-action.tsx';
import { RemoteTile } from './remote-tile.tsx';
import { useShortcuts } from './use-shortcuts.ts';
import type { VisitModel } from './visit-model.ts';

/** The visit itself: the others large, oneself small, everything else within reach and out of the way. */
export const Stage = ({ model, view }: { model: VisitModel; view: EncounterView }): JSX.Element => {
  const [leaving, setLeaving] = useState(false);
  useShortcuts(model);
  useWakeLock();
  const { connection, path, remote, room } = model.state.value;
  const panel = model.panel.value;
  const trouble = connectionSentence(connection);
  const present = room?.others.filter(({ presence }) => presence === 'admitted') ?? [];
  return (
    <main id="main" tabIndex={-1} class={`stage${panel === 'none' ? '' : ' stage--panel'}`} data-testid="visit-stage">
      <header class="stage__bar">
        <h1 class="stage__title">{view.appointment.visitType.name}</h1>
        <p class={`state state--${connection}`} data-testid="connection-state" data-state={connection} role="status">
          <span class="state__dot" aria-hidden="true" />
          {connectionLabel(connection)}
        </p>
      </header>
      <div class="stage__main">
        <div class={`tiles tiles--${Math.min(present.length, 4)}`}>
          {present.map((person) => (
            <RemoteTile
              key={person.personId}
              model={model}
              personId={person.personId}
              media={remote.find(({ personId }) => personId === person.personId)}
              connected={person.connected}
            />
          ))}
          {present.length === 0 && <NobodyYet model={model} view={view} />}
        </div>
        <SelfView model={model} />
        <div class="stage__notes">
          {model.soundBlocked.value && (
            <button
              type="button"
              class="button button--primary"
              data-testid="tap-to-hear"
              onClick={() => {
                model.soundBlocked.value = false;
              }}
            >
              <Icon name="speaker" /> Tap to hear
            </button>
          )}
          {trouble && (
            <div class="stage__trouble">
              <p>{trouble}</p>
              {connection !== 'weak' && <PhoneLine words="If it does not come back, call" />}
            </div>
          )}
        </div>
        <p class="stage__said" aria-live="polite">
          {model.announcement.value}
        </p>
      </div>
      {panel === 'chat' && <ChatPanel model={model} />}
      {panel === 'people' && <PeoplePanel model={model} />}
      {panel === 'devices' && (
        <PanelFrame title="Camera and sound" model={model}>
          <div class="panel__body">
            <DevicePickers model={model} />
            {path && (
              <section class="stack" aria-label="Connection">
                <h3 class="field__label">Connection</h3>
                <p class="soft small" data-testid="media-path" data-path={path}>
                  {pathWords(path)}
                </p>
              </section>
            )}
          </div>
        </PanelFrame>
      )}
      <ControlBar model={model} onLeave={() => setLeaving(true)} />
      {leaving && <LeaveDialog model={model} view={view} onClose={() => setLeaving(false)} />}
    </main>
  );
};

const NobodyYet = ({ model, view }: { model: VisitModel; view: EncounterView }): JSX.Element => {
  const now = useNow();
  const { permissions, room } = model.state.value;
  const waiting = permissions?.admit ? (room?.others.filter(({ presence }) => presence === 'ready') ?? []) : [];
  const expected = view.people.filter(({ id }) => id !== me.value?.person.id);
  return (
    <div class="nobody">
      {waiting.length === 0 && (
        <>
          <p class="nobody__title">
            {expected.length === 1 ? `${expected[0]?.displayName} is not here yet.` : 'Nobody else is here yet.'}
          </p>
          <p class="nobody__text">You can stay. They appear here as soon as they come.</p>
        </>
      )}
      {waiting.map((person) => (
        <div key={person.personId} class="nobody__waiting">
          <p class="nobody__title">{model.nameOf(person.personId)} is waiting.</p>
          <p class="nobody__text numeric">For {waitedFor(person.since, now)}</p>
          <PersonAction person={person} testId="admit" tone="button--primary button--large" act={model.admit}>
            Let {model.nameOf(person.personId)} in
          </PersonAction>
        </div>
      ))}
    </div>
  );
};

const SelfView = ({ model }: { model: VisitModel }): JSX.Element => {
  const { camera, microphone } = model.media.value;
  const silent = microphone.status !== 'on' || model.microphoneMuted.value;
  return (
    <div class="self">
      {camera.status === 'on' ? (
        <OwnVideo track={camera.track} testId="self-video" />
      ) : (
        <p class="self__off">
          <Icon name="cameraOff" />
          <span>Your camera is off</span>
        </p>
      )}
      {silent && (
        <p class="self__muted">
          <Icon name="microphoneOff" />
          <span class="visually-hidden">Your microphone is off</span>
        </p>
      )}
    </div>
  );
};
