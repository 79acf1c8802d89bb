import type { EncounterView } from '@bedside/protocol';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useNow } from '../../hooks/use-now.ts';
import { useWakeLock } from '../../hooks/use-wake-lock.ts';
import { me } from '../../session.ts';
import { clockTime, waitedFor } from '../../text/time.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Frame } from '../../ui/frame.tsx';
import { Loading, Notice } from '../../ui/notice.tsx';
import { PhoneLine } from '../../ui/phone-line.tsx';
import { OwnVideo } from '../../ui/video.tsx';
import { connectionSentence } from './connection-words.ts';
import { DevicePickers } from './device-pickers.tsx';
import { LevelBar } from './level-bar.tsx';
import type { VisitModel } from './visit-model.ts';
import { waitingWords } from './waiting-words.ts';

/** Calm and honest: who is there, how late they run, and that nothing has to be done. */
export const WaitingRoom = ({ model, view }: { model: VisitModel; view: EncounterView }): JSX.Element => {
  const now = useNow();
  useWakeLock();
  const [asksToLeave, setAsksToLeave] = useState(false);
  const { room, connection } = model.state.value;
  const { camera, microphone } = model.media.value;
  const zone = me.value?.timeZone ?? 'UTC';
  const provider = view.appointment.provider.displayName;
  const joining = room?.you.presence !== 'ready';
  const words = waitingWords({
    provider,
    hostPresent: room?.hostPresent ?? false,
    lateMinutes: view.runningLateMinutes,
    startsAtMs: Date.parse(view.appointment.startsAt),
    nowMs: now,
  });
  const trouble = connectionSentence(connection);
  if (joining) {
    return (
      <Frame narrow>
        <div class="stack" data-testid="joining">
          <h1>Taking you in…</h1>
          <Loading words={trouble || 'This takes a moment.'} />
        </div>
      </Frame>
    );
  }
  return (
    <Frame>
      <div class="waiting" data-testid="waiting-room">
        <div class="stack waiting__words">
          <div class="waiting__pulse" aria-hidden="true" />
          <div class="stack" role="status">
            <h1>{words.title}</h1>
            <p class="waiting__lead">{words.text}</p>
          </div>
          {words.late && <Notice tone="warm">{words.late}</Notice>}
          {trouble && <Notice tone="warm">{trouble}</Notice>}
          <dl class="facts">
            <div>
              <dt>Your visit</dt>
              <dd>
                {view.appointment.visitType.name} with {provider}
              </dd>
            </div>
            <div>
              <dt>Planned for</dt>
              <dd class="numeric">{clockTime(view.appointment.startsAt, zone)}</dd>
            </div>
            <div>
              <dt>You have waited</dt>
              <dd class="numeric">{room ? waitedFor(room.you.since, now) : '–'}</dd>
            </div>
          </dl>
          <p class="soft">
            You can do something else meanwhile. Keep this page open: you are let in by itself, and nobody sees or hears
            you before that.
          </p>
          <div class="row">
            <button
              type="button"
              class="button button--secondary"
              data-testid="leave"
              onClick={() => setAsksToLeave(true)}
            >
              Leave the waiting room
            </button>
          </div>
          <PhoneLine words="Rather talk on the phone?" />
        </div>
        <aside class="stack waiting__self" aria-label="Your camera and sound">
          <div class="preview preview--small">
            {camera.status === 'on' ? (
              <OwnVideo track={camera.track} />
            ) : (
              <p class="preview__empty">Your camera is off</p>
            )}
          </div>
          {microphone.status === 'on' && <LevelBar track={microphone.track} />}
          <details class="waiting__setup">
            <summary>Change camera or sound</summary>
            <DevicePickers model={model} />
          </details>
        </aside>
      </div>
      {asksToLeave && (
        <Dialog
          title="Leave the waiting room?"
          onClose={() => setAsksToLeave(false)}
          actions={
            <>
              <button type="button" class="button button--danger" data-testid="leave-confirm" onClick={model.leave}>
                Leave
              </button>
              <button type="button" class="button button--secondary" onClick={() => setAsksToLeave(false)}>
                Keep waiting
              </button>
            </>
          }
        >
          <p>{provider} will see that you have left. You can come back while the visit is open.</p>
        </Dialog>
      )}
    </Frame>
  );
};
