import { METHOD } from '../../wire/methods.ts';
import { type AllocateRequest, allocate } from './allocate.ts';
import { channelBind } from './channel-bind.ts';
import { createPermission } from './create-permission.ts';
import { refresh } from './refresh.ts';
import { error, type Outcome } from './request.ts';

const HANDLERS: Readonly<Record<number, (request: AllocateRequest) => Outcome>> = {
  [METHOD.allocate]: allocate,
  [METHOD.refresh]: refresh,
  [METHOD.createPermission]: createPermission,
  [METHOD.channelBind]: channelBind,
  // RFC 6062 §5.1: both need a TCP allocation, which there never is.
  [METHOD.connect]: () => error(437),
  [METHOD.connectionBind]: () => error(437),
};

/** Whether requests of this method are answered at all, and only with a credential. */
export const isAuthenticatedMethod = (method: number): boolean => method in HANDLERS;

/** Does what an authenticated request asks, or refuses it. */
export const carryOut = (request: AllocateRequest): Outcome =>
  HANDLERS[request.message.method]?.(request) ?? error(400);
