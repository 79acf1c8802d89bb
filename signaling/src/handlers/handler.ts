import { AppError, type Permission, type RequestParams, type RequestResult, type RequestType } from '@bedside/protocol';
import type { CoreClient } from '../core-client.ts';
import type { SignalingEvents } from '../events.ts';
import type { MediaClient } from '../media-client.ts';
import type { Room } from '../room/room.ts';
import { isInVisit, type Member } from '../room/room-state.ts';
import type { Session } from '../session.ts';

/** Where a request comes from and what it may use. */
export interface RequestContext {
  readonly session: Session;
  readonly room: Room;
  readonly core: CoreClient;
  readonly media: MediaClient;
  readonly events: SignalingEvents;
}

/** Requests of an open session; `hello` opens it. */
export type SessionRequestType = Exclude<RequestType, 'hello'>;

/** Throws an `AppError` where the request is refused. */
export type Handler<Type extends SessionRequestType> = (
  context: RequestContext,
  params: RequestParams<Type>,
) => Promise<RequestResult<Type>> | RequestResult<Type>;

/** Throws `not_permitted` (SPEC GR5). */
export const requirePermission = ({ session }: RequestContext, permission: Permission): void => {
  if (!session.may(permission)) throw new AppError('not_permitted');
};

/** Throws `not_in_visit` (SPEC WAIT2). */
export const requireInVisit = ({ room, session }: RequestContext): Member => {
  const member = room.member(session);
  if (member === undefined || !isInVisit(member)) throw new AppError('not_in_visit');
  return member;
};
