import type { JSX } from 'preact';
import { Icon, type IconName } from '../../ui/icons.tsx';
import type { Panel, VisitModel } from './visit-model.ts';

const Control = (props: {
  label: string;
  caption: string;
  icon: IconName;
  testId: string;
  off?: boolean;
  pressed?: boolean;
  expanded?: boolean;
  danger?: boolean;
  badge?: number;
  shortcut?: string;
  onClick: () => void;
}): JSX.Element => (
  <button
    type="button"
    class={`control${props.off ? ' control--off' : ''}${props.danger ? ' control--danger' : ''}`}
    data-testid={props.testId}
    aria-label={props.badge ? `${props.label}, ${props.badge} new` : props.label}
    aria-pressed={props.pressed}
    aria-expanded={props.expanded}
    aria-keyshortcuts={props.shortcut}
    onClick={props.onClick}
  >
    <span class="control__disc">
      <Icon name={props.icon} />
      {props.badge ? <span class="control__badge">{Math.min(props.badge, 99)}</span> : null}
    </span>
    <span class="control__caption" aria-hidden="true">
      {props.caption}
    </span>
  </button>
);

export const ControlBar = ({ model, onLeave }: { model: VisitModel; onLeave: () => void }): JSX.Element => {
  const { camera, microphone } = model.media.value;
  const { permissions, room } = model.state.value;
  const microphoneOn = microphone.status === 'on' && !model.microphoneMuted.value;
  const cameraOn = camera.status === 'on';
  const open = model.panel.value;
  const panel = (name: Panel) => ({ expanded: open === name, onClick: () => model.togglePanel(name) });
  const waiting = permissions?.admit ? (room?.others.filter(({ presence }) => presence === 'ready').length ?? 0) : 0;
  return (
    <div class="controls" role="toolbar" aria-label="Visit controls">
      <Control
        label="Turn microphone off"
        caption={microphoneOn ? 'Mute' : 'Unmute'}
        icon={microphoneOn ? 'microphone' : 'microphoneOff'}
        testId="toggle-microphone"
        off={!microphoneOn}
        pressed={!microphoneOn}
        shortcut="m"
        onClick={model.toggleMicrophone}
      />
      <Control
        label="Turn camera off"
        caption={cameraOn ? 'Camera' : 'Camera off'}
        icon={cameraOn ? 'camera' : 'cameraOff'}
        testId="toggle-camera"
        off={!cameraOn}
        pressed={!cameraOn}
        shortcut="v"
        onClick={model.toggleCamera}
      />
      {permissions?.chat && (
        <Control
          label="Messages"
          caption="Messages"
          icon="chat"
          testId="open-chat"
          badge={open === 'chat' ? 0 : model.unread.value}
          {...panel('chat')}
        />
      )}
      {permissions?.admit && (
        <Control label="People" caption="People" icon="people" testId="open-people" badge={waiting} {...panel('people')} />
      )}
      <Control label="Camera and sound settings" caption="Settings" icon="settings" testId="open-devices" {...panel('devices')} />
      <Control label="Leave the visit" caption="Leave" icon="leave" testId="leave" danger onClick={onLeave} />
    </div>
  );
};
