export type { SignalingConfig, SignalingLimits, SignalingTimings } from './config.ts';
export { signalingConfig } from './config.ts';
export type { Signaling, SignalingDeps } from './service.ts';
export { createSignaling } from './service.ts';
