export { type MediaServerConfig, mediaServerConfig } from './config.ts';
export type { MediaCounts } from './events.ts';
export { createMediaServer, type MediaServer, type MediaServerDeps } from './service.ts';
