import { Emitter } from '../emitter.ts';
import { type ClientErrorCode, VisitError } from '../errors.ts';

export type CaptureSource = 'camera' | 'microphone';

/** One capture device as it stands. `failed` carries a code of `CLIENT_ERRORS`, e.g. `camera_refused`. */
export type Capture =
  | { status: 'off' }
  | { status: 'starting' }
  | { status: 'on'; track: MediaStreamTrack; deviceId: string }
  | { status: 'failed'; code: ClientErrorCode };

export interface LocalMediaState {
  camera: Capture;
  microphone: Capture;
  /** Labels are empty until a permission was given (W3C mediacapture-streams §9.2). */
  cameras: readonly MediaDeviceInfo[];
  microphones: readonly MediaDeviceInfo[];
  speakers: readonly MediaDeviceInfo[];
}

const CONSTRAINTS: Record<CaptureSource, MediaTrackConstraints> = {
  camera: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 }, facingMode: 'user' },
  microphone: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
};

/** What a failed `getUserMedia` means (W3C mediacapture-streams §10.2); some browsers still use the older names. */
export const captureErrorCode = (source: CaptureSource, error: unknown): ClientErrorCode => {
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return `${source}_refused`;
    case 'NotFoundError':
    case 'OverconstrainedError':
      return `${source}_missing`;
    case 'NotReadableError':
    case 'TrackStartError':
      return `${source}_busy`;
    default:
      return `${source}_failed`;
  }
};

/**
 * This person's camera and microphone. Each starts, stops and fails on its own; a device that is pulled out becomes
 * `failed`, and a plain start takes whatever is left.
 */
export class LocalMedia extends Emitter<{ change: LocalMediaState }> {
  readonly #devices: MediaDevices | undefined;
  readonly #turns: Record<CaptureSource, number> = { camera: 0, microphone: 0 };
  #state: LocalMediaState = {
    camera: { status: 'off' },
    microphone: { status: 'off' },
    cameras: [],
    microphones: [],
    speakers: [],
  };
  #closed = false;
  readonly #refresh = () => void this.#list();

  /** `devices` is absent on insecure pages and in browsers without capture. */
  constructor(devices: MediaDevices | undefined) {
    super();
    this.#devices = devices;
    devices?.addEventListener('devicechange', this.#refresh);
  }

  get state(): LocalMediaState {
    return this.#state;
  }

  /** Asks for both at once, so that the browser asks the person once; what fails is tried alone. */
  async startBoth(): Promise<void> {
    const turns = { camera: this.#begin('camera'), microphone: this.#begin('microphone') };
    try {
      const stream = await this.#capture({ video: CONSTRAINTS.camera, audio: CONSTRAINTS.microphone });
      this.#adopt('camera', turns.camera, stream.getVideoTracks()[0]);
      this.#adopt('microphone', turns.microphone, stream.getAudioTracks()[0]);
      await this.#list();
    } catch {
      await this.start('microphone');
      await this.start('camera');
    }
  }

  /** Resolves when it is on or has failed; see `state`. A later start or stop of the same source wins. */
  async start(source: CaptureSource, deviceId?: string): Promise<void> {
    const turn = this.#begin(source);
    const chosen = { ...CONSTRAINTS[source], ...(deviceId && { deviceId: { exact: deviceId } }) };
    try {
      const stream = await this.#capture(source === 'camera' ? { video: chosen } : { audio: chosen });
      this.#adopt(source, turn, stream.getTracks()[0]);
    } catch (error) {
      if (turn === this.#turns[source]) this.#set(source, { status: 'failed', code: captureErrorCode(source, error) });
    }
    await this.#list();
  }

  /** Gives the device back; its light goes out. */
  stop(source: CaptureSource): void {
    this.#turns[source] += 1;
    const capture = this.#state[source];
    if (capture.status === 'on') capture.track.stop();
    this.#set(source, { status: 'off' });
  }

  close(): void {
    this.#closed = true;
    this.#devices?.removeEventListener('devicechange', this.#refresh);
    this.stop('camera');
    this.stop('microphone');
  }

  #begin(source: CaptureSource): number {
    // The running track stays on screen until its successor is there.
    if (this.#state[source].status !== 'on') this.#set(source, { status: 'starting' });
    return ++this.#turns[source];
  }

  async #capture(constraints: MediaStreamConstraints): Promise<MediaStream> {
    if (!this.#devices) throw new VisitError('page_insecure');
    return this.#devices.getUserMedia(constraints);
  }

  #adopt(source: CaptureSource, turn: number, track: MediaStreamTrack | undefined): void {
    if (turn !== this.#turns[source] || this.#closed) return track?.stop();
    if (!track) return this.#set(source, { status: 'failed', code: `${source}_missing` });
    const before = this.#state[source];
    if (before.status === 'on') before.track.stop();
    track.addEventListener('ended', () => {
      const now = this.#state[source];
      if (now.status === 'on' && now.track === track)
        this.#set(source, { status: 'failed', code: `${source}_missing` });
    });
    this.#set(source, { status: 'on', track, deviceId: track.getSettings().deviceId ?? '' });
  }

  async #list(): Promise<void> {
    try {
      const all = (await this.#devices?.enumerateDevices()) ?? [];
      if (this.#closed) return;
      const of = (kind: MediaDeviceKind) => all.filter((device) => device.kind === kind && device.deviceId !== '');
      this.#state = {
        ...this.#state,
        cameras: of('videoinput'),
        microphones: of('audioinput'),
        speakers: of('audiooutput'),
      };
      this.emit('change', this.#state);
    } catch {
      // Without a list there is nothing to choose from; what runs goes on.
    }
  }

  #set(source: CaptureSource, capture: Capture): void {
    this.#state = { ...this.#state, [source]: capture };
    this.emit('change', this.#state);
  }
}
