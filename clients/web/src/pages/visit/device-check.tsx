import type { EncounterView } from '@bedside/protocol';
import { type Capture, sentenceFor } from '@bedside/sdk';
import type { JSX } from 'preact';
import { useNow } from '../../hooks/use-now.ts';
import { me } from '../../session.ts';
import { clockTime, fromNow } from '../../text/time.ts';
import { Frame } from '../../ui/frame.tsx';
import { Icon } from '../../ui/icons.tsx';
import { Loading, Notice } from '../../ui/notice.tsx';
import { OwnVideo } from '../../ui/video.tsx';
import { DevicePickers } from './device-pickers.tsx';
import { joinWords } from './join-words.ts';
import { LevelBar } from './level-bar.tsx';
import { networkWords } from './path-words.ts';
import { playTestSound } from './test-sound.ts';
import type { VisitModel } from './visit-model.ts';

const otherOf = (view: EncounterView): string =>
  (view.role === 'provider' ? view.appointment.patient?.displayName : view.appointment.provider.displayName) ??
  'your group';

/** Look and listen before going in. Nothing here blocks the way: without a camera there is sound, without both there is chat. */
export const DeviceCheck = ({ model, view }: { model: VisitModel; view: EncounterView }): JSX.Element => {
  const now = useNow();
  const { camera, microphone } = model.media.value;
  const { network } = model.state.value;
  const zone = me.value?.timeZone ?? 'UTC';
  const { startsAt } = view.appointment;
  const words = joinWords({ camera: camera.status, microphone: microphone.status, role: view.role });
  const canEnter = view.role === 'provider' || model.state.value.permissions?.enter === true;
  return (
    <Frame>
      <div class="check">
        <div class="stack check__intro">
          <h1>Ready to see {otherOf(view)}?</h1>
          <p class="soft">
            Your visit starts at {clockTime(startsAt, zone)} ({fromNow(startsAt, now, zone)}).
          </p>
        </div>
        <section class="check__preview" aria-label="Camera preview">
          <div class="preview">
            {camera.status === 'on' ? (
              <OwnVideo track={camera.track} testId="preview-video" />
            ) : (
              <p class="preview__empty">
                <Icon name="cameraOff" />
                {camera.status === 'starting' ? 'Starting your camera…' : 'Your camera is off'}
              </p>
            )}
            <div class="preview__buttons">
              <PreviewButton
                testId="toggle-microphone"
                on={microphone.status === 'on' && !model.microphoneMuted.value}
                kind="microphone"
                onClick={model.toggleMicrophone}
              />
              <PreviewButton
                testId="toggle-camera"
                on={camera.status === 'on'}
                kind="camera"
                onClick={model.toggleCamera}
              />
            </div>
          </div>
        </section>
        <section class="stack check__side" aria-label="Your devices">
          <Failure capture={camera} onRetry={() => model.startCapture('camera')} />
          <Failure capture={microphone} onRetry={() => model.startCapture('microphone')} />
          {microphone.status === 'on' && (
            <div class="field">
              <span class="field__label">
                {model.microphoneMuted.value ? 'Your microphone is off' : 'Say something: the bar should move'}
              </span>
              <LevelBar track={microphone.track} />
            </div>
          )}
          <DevicePickers model={model} />
          <button
            type="button"
            class="button button--quiet check__sound"
            data-testid="test-sound"
            onClick={() => void playTestSound(model.speakerId.value)}
          >
            <Icon name="speaker" /> Play a test sound
          </button>
        </section>
        <div class="stack check__go">
          <button
            type="button"
            class="button button--primary button--large button--wide"
            data-testid="device-ready"
            onClick={model.enter}
          >
            {canEnter ? 'Enter the visit' : words.button}
          </button>
          {words.hint && <p class="soft small">{words.hint}</p>}
          {network && (
            <p class="soft small" data-testid="network-check" data-network={network} role="status">
              {networkWords(network)}
            </p>
          )}
          {model.state.value.connection !== 'connected' && <Loading words="Connecting to the clinic…" />}
        </div>
      </div>
    </Frame>
  );
};

const PreviewButton = (props: {
  testId: string;
  on: boolean;
  kind: 'microphone' | 'camera';
  onClick: () => void;
}): JSX.Element => (
  <button
    type="button"
    class={`round${props.on ? '' : ' round--off'}`}
    data-testid={props.testId}
    aria-pressed={!props.on}
    aria-label={props.kind === 'microphone' ? 'Microphone off' : 'Camera off'}
    onClick={props.onClick}
  >
    <Icon name={props.on ? props.kind : `${props.kind}Off`} />
  </button>
);

const Failure = ({ capture, onRetry }: { capture: Capture; onRetry: () => void }): JSX.Element | null => {
  if (capture.status !== 'failed') return null;
  return (
    <Notice tone="danger">
      <p data-testid="device-problem">{sentenceFor(capture.code)}</p>
      <button type="button" class="button button--quiet notice__action" onClick={onRetry}>
        Try again
      </button>
    </Notice>
  );
};
