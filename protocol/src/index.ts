import './strict-csp.ts';

export * from './audit-api.ts';
export * from './backoff.ts';
export * from './bus-method.ts';
export * from './core-api.ts';
export * from './envelope.ts';
export * from './errors.ts';
export * from './grants.ts';
export * from './ids.ts';
export * from './media.ts';
export * from './media-control.ts';
export * from './relationships-api.ts';
export * from './scheduling.ts';
export * from './signaling.ts';
export * from './turn-control.ts';
export * from './version.ts';
export * from './visit-control.ts';
export * from './visits.ts';
