import type { CaptureSource, LocalMedia } from '../media/local-media.ts';
import type { Check, CheckResult } from './check.ts';

/** Starts a capture device and tells whether it runs. It is left running for the preview. */
abstract class CaptureCheck implements Check {
  abstract readonly name: CaptureSource;
  readonly #media: LocalMedia;

  constructor(media: LocalMedia) {
    this.#media = media;
  }

  async run(): Promise<CheckResult> {
    if (this.#media.state[this.name].status !== 'on') await this.#media.start(this.name);
    const capture = this.#media.state[this.name];
    if (capture.status === 'on') return { passed: true };
    return { passed: false, code: capture.status === 'failed' ? capture.code : `${this.name}_failed` };
  }
}

export class CameraCheck extends CaptureCheck {
  readonly name = 'camera';
}

export class MicrophoneCheck extends CaptureCheck {
  readonly name = 'microphone';
}
