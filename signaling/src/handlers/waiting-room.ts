import { AppError } from '@bedside/protocol';
import { type Handler, requirePermission } from './handler.ts';

export const ready: Handler<'ready'> = ({ room, session }, { rtpCapabilities }) => {
  const kind = room.member(session)?.media.kind;
  // Media that runs was negotiated with the capabilities given before.
  if (kind === 'opening' || kind === 'open') throw new AppError('message_out_of_order');
  room.dispatch({ type: 'ready', sessionId: session.id, rtpCapabilities });
  return undefined;
};

/** Core decides; what follows from its decision comes as a `VisitEvent`. */
export const admit: Handler<'admit'> = async (context, { personId }) => {
  requirePermission(context, 'admit');
  context.room.present(personId);
  await context.core.admit(context.session, personId);
  return undefined;
};

export const sendBack: Handler<'sendBack'> = async (context, { personId }) => {
  requirePermission(context, 'admit');
  context.room.present(personId);
  await context.core.sendBack(context.session, personId);
  return undefined;
};

export const end: Handler<'end'> = async (context) => {
  requirePermission(context, 'end');
  await context.core.end(context.session);
  return undefined;
};
