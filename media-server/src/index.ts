export { type MediaServerConfig, mediaServerConfig } from './config.ts';
export type { MediaCounts } from './events.ts';
export type { MediaAddress } from './media-worker.ts';
export { createMediaServer, type MediaServer, type MediaServerDeps } from './service.ts';
