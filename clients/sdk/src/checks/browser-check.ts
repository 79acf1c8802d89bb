import type { Check, CheckResult } from './check.ts';

/** What a page offers; `globalThis` fits. */
export interface BrowserFeatures {
  isSecureContext?: boolean;
  RTCPeerConnection?: unknown;
  WebSocket?: unknown;
  navigator?: { mediaDevices?: unknown };
}

/** Whether this browser and page can hold a video visit at all. */
export class BrowserCheck implements Check {
  readonly name = 'browser';
  readonly #features: BrowserFeatures;

  constructor(features: BrowserFeatures) {
    this.#features = features;
  }

  async run(): Promise<CheckResult> {
    const { isSecureContext, RTCPeerConnection, WebSocket, navigator } = this.#features;
    if (!RTCPeerConnection || !WebSocket) return { passed: false, code: 'browser_unsupported' };
    if (isSecureContext === false) return { passed: false, code: 'page_insecure' };
    if (!navigator?.mediaDevices) return { passed: false, code: 'browser_unsupported' };
    return { passed: true };
  }
}
