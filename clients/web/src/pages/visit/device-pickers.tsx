import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { VisitModel } from './visit-model.ts';

const Picker = (props: {
  label: string;
  testId: string;
  devices: readonly MediaDeviceInfo[];
  value: string;
  onPick: (deviceId: string) => void;
}): JSX.Element | null => {
  const id = useId();
  if (props.devices.length === 0) return null;
  return (
    <div class="field">
      <label class="field__label" for={id}>
        {props.label}
      </label>
      <select
        id={id}
        class="select"
        data-testid={props.testId}
        value={props.value || props.devices[0]?.deviceId}
        onChange={(event) => props.onPick(event.currentTarget.value)}
      >
        {props.devices.map((device, index) => (
          <option key={device.deviceId} value={device.deviceId}>
            {device.label || `${props.label} ${index + 1}`}
          </option>
        ))}
      </select>
    </div>
  );
};

/** Camera, microphone and, where the browser lets a page choose it, the speaker. */
export const DevicePickers = ({ model }: { model: VisitModel }): JSX.Element => {
  const { camera, microphone, cameras, microphones, speakers } = model.media.value;
  const canChooseSpeaker = 'setSinkId' in HTMLMediaElement.prototype;
  return (
    <div class="stack">
      <Picker
        label="Camera"
        testId="pick-camera"
        devices={cameras}
        value={camera.status === 'on' ? camera.deviceId : ''}
        onPick={(deviceId) => model.startCapture('camera', deviceId)}
      />
      <Picker
        label="Microphone"
        testId="pick-microphone"
        devices={microphones}
        value={microphone.status === 'on' ? microphone.deviceId : ''}
        onPick={(deviceId) => model.startCapture('microphone', deviceId)}
      />
      {canChooseSpeaker && (
        <Picker
          label="Speaker"
          testId="pick-speaker"
          devices={speakers}
          value={model.speakerId.value}
          onPick={(deviceId) => {
            model.speakerId.value = deviceId;
          }}
        />
      )}
    </div>
  );
};
