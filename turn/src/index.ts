export { type TurnConfig, turnConfig } from './config.ts';
export { createHandoffServer } from './net/http-handoff.ts';
export { type PeerRule, parsePeerRule } from './relay/peer-policy.ts';
export { createTurn, type Turn, type TurnDeps } from './service.ts';
