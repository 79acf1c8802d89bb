import { type Handler, requireInVisit, requirePermission } from './handler.ts';

/** Core stores it first (SPEC CHAT1); the others, and the sender, hear of it from core's event. */
export const chat: Handler<'chat'> = async (context, message) => {
  requirePermission(context, 'chat');
  requireInVisit(context);
  return { message: await context.core.sendMessage(context.session, message) };
};
