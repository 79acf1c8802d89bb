export { browserPlatform } from './browser-platform.ts';
export type { ChatState, OutgoingMessage } from './chat-thread.ts';
export { BrowserCheck } from './checks/browser-check.ts';
export { CameraCheck, MicrophoneCheck } from './checks/capture-check.ts';
export type { Check, CheckResult } from './checks/check.ts';
export { NetworkCheck, type RelayTransport } from './checks/network-check.ts';
export {
  CLIENT_ERRORS,
  type ClientErrorCode,
  isPassing,
  sentenceFor,
  VisitError,
  type VisitErrorCode,
  visitErrorOf,
} from './errors.ts';
export { LevelMeter } from './media/level-meter.ts';
export { type Capture, type CaptureSource, LocalMedia, type LocalMediaState } from './media/local-media.ts';
export { MEDIA_PATHS, type MediaPath } from './media/media-path.ts';
export type { LocalSource } from './media/publisher.ts';
export type { RemoteMedia } from './media/subscriber.ts';
export type { GatheredCandidate, Gathering, Network, Platform, Socket, Timers } from './platform.ts';
export type { VisitEnd } from './signaling/close-verdict.ts';
export type { GetGrant, VisitGrant } from './signaling/session.ts';
export { VisitClient, type VisitEvents } from './visit-client.ts';
export type { ConnectionStatus, VisitPhase, VisitState } from './visit-state.ts';
