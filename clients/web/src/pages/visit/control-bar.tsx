import type { JSX } from 'preact';
import { Icon, type IconName } from '../../ui/icons.tsx';
import type { Panel, VisitModel } from './visit-model.ts';

const Control = (props: {
  caption: string;
  /** What follows the caption for those who do not see the icon. */
  more?: string;
  icon: IconName;
  testId: string;
  off?: boolean;
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
    data-off={props.off}
    aria-expanded={props.expanded}
    aria-keyshortcuts={props.shortcut}
    onClick={props.onClick}
  >
    <span class="control__disc">
      <Icon name={props.icon} />
      {props.badge ? (
        <span class="control__badge">
          {Math.min(props.badge, 99)}
          <span class="visually-hidden"> new </span>
        </span>
      ) : null}
    </span>
    <span class="control__caption">{props.caption}</span>
    {props.more && <span class="visually-hidden"> {props.more}</span>}
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
        caption={microphoneOn ? 'Mute' : 'Unmute'}
        more="your microphone"
        icon={microphoneOn ? 'microphone' : 'microphoneOff'}
        testId="toggle-microphone"
        off={!microphoneOn}
        shortcut="m"
        onClick={model.toggleMicrophone}
      />
      <Control
        caption={cameraOn ? 'Stop video' : 'Start video'}
        icon={cameraOn ? 'camera' : 'cameraOff'}
        testId="toggle-camera"
        off={!cameraOn}
        shortcut="v"
        onClick={model.toggleCamera}
      />
      {permissions?.chat && (
        <Control
          caption="Messages"
          icon="chat"
          testId="open-chat"
          badge={open === 'chat' ? 0 : model.unread.value}
          {...panel('chat')}
        />
      )}
      {permissions?.admit && (
        <Control caption="People" icon="people" testId="open-people" badge={waiting} {...panel('people')} />
      )}
      <Control
        caption="Settings"
        more="for camera and sound"
        icon="settings"
        testId="open-devices"
        {...panel('devices')}
      />
      <Control caption="Leave" more="the visit" icon="leave" testId="leave" danger onClick={onLeave} />
    </div>
  );
};
