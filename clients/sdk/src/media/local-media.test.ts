import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { describe, expect, test } from 'vitest';
import { BrowserCheck } from '../checks/browser-check.ts';
import { CameraCheck, MicrophoneCheck } from '../checks/capture-check.ts';
import { LocalMedia } from './local-media.ts';

const refusal = () => new DOMException('', 'NotAllowedError');

/** A machine whose devices a test takes away. */
const machine = (working: { audio: boolean; video: boolean }) => {
  const prompts: string[] = [];
  const devices = Object.assign(new EventTarget(), {
    getUserMedia: async ({ audio, video }: MediaStreamConstraints) => {
      prompts.push([audio && 'audio', video && 'video'].filter(Boolean).join('+'));
      if ((audio && !working.audio) || (video && !working.video)) throw refusal();
      const tracks = [
        ...(audio ? [new FakeMediaStreamTrack({ kind: 'audio' })] : []),
        ...(video ? [new FakeMediaStreamTrack({ kind: 'video' })] : []),
      ];
      const of = (kind: string) => tracks.filter((track) => track.kind === kind);
      return { getTracks: () => tracks, getAudioTracks: () => of('audio'), getVideoTracks: () => of('video') };
    },
    enumerateDevices: async () => [{ kind: 'videoinput', deviceId: 'cam', label: 'Camera' }],
  });
  return { devices: devices as unknown as MediaDevices, prompts };
};

describe('LocalMedia', () => {
  test('asks once for both', async () => {
    const { devices, prompts } = machine({ audio: true, video: true });
    const media = new LocalMedia(devices);
    await media.startBoth();
    expect(prompts).toEqual(['audio+video']);
    expect(media.state).toMatchObject({
      camera: { status: 'on' },
      microphone: { status: 'on' },
      cameras: [{ deviceId: 'cam' }],
    });
  });

  test('keeps the microphone when the camera is refused', async () => {
    const media = new LocalMedia(machine({ audio: true, video: false }).devices);
    await media.startBoth();
    expect(media.state).toMatchObject({
      camera: { status: 'failed', code: 'camera_refused' },
      microphone: { status: 'on' },
    });
  });

  test('stops the old track only when its successor is there, and every track at the end', async () => {
    const media = new LocalMedia(machine({ audio: true, video: true }).devices);
    await media.start('camera');
    const first = media.state.camera;
    await media.start('camera', 'other');
    const second = media.state.camera;
    if (first.status !== 'on' || second.status !== 'on') throw new Error('no camera');
    expect([first.track.readyState, second.track.readyState]).toEqual(['ended', 'live']);
    media.close();
    expect(second.track.readyState).toBe('ended');
  });

  test('a device that was given back while it started is not switched on behind the back', async () => {
    const media = new LocalMedia(machine({ audio: true, video: true }).devices);
    const starting = media.start('camera');
    media.stop('camera');
    await starting;
    expect(media.state.camera).toEqual({ status: 'off' });
  });

  test('a device that is pulled out is missing', async () => {
    const media = new LocalMedia(machine({ audio: true, video: true }).devices);
    await media.start('microphone');
    const { microphone } = media.state;
    if (microphone.status !== 'on') throw new Error('no microphone');
    microphone.track.dispatchEvent(new Event('ended'));
    expect(media.state.microphone).toEqual({ status: 'failed', code: 'microphone_missing' });
  });

  test('without capture on the page both fail with a code', async () => {
    const media = new LocalMedia(undefined);
    await media.startBoth();
    expect(media.state).toMatchObject({ camera: { code: 'camera_failed' }, microphone: { code: 'microphone_failed' } });
  });
});

describe('checks', () => {
  test('tell what works and what does not', async () => {
    const media = new LocalMedia(machine({ audio: true, video: false }).devices);
    expect(await new MicrophoneCheck(media).run()).toEqual({ passed: true });
    expect(await new CameraCheck(media).run()).toEqual({ passed: false, code: 'camera_refused' });
  });

  test.each([
    [{}, 'browser_unsupported'],
    [{ RTCPeerConnection: 1, WebSocket: 1, isSecureContext: false }, 'page_insecure'],
    [{ RTCPeerConnection: 1, WebSocket: 1, isSecureContext: true, navigator: {} }, 'browser_unsupported'],
  ])('%o → %s', async (features, code) => {
    expect(await new BrowserCheck(features).run()).toEqual({ passed: false, code });
  });

  test('a whole browser passes', async () => {
    const features = { RTCPeerConnection: 1, WebSocket: 1, isSecureContext: true, navigator: { mediaDevices: {} } };
    expect(await new BrowserCheck(features).run()).toEqual({ passed: true });
  });
});
