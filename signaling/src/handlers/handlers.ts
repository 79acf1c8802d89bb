import { chat } from './chat.ts';
import type { Handler, SessionRequestType } from './handler.ts';
import { close, connect, mute, pause, produce, restartIce, resume } from './media.ts';
import { admit, end, ready, sendBack } from './waiting-room.ts';

/** `leave` ends the session, and is the request router's. */
export type HandledType = Exclude<SessionRequestType, 'leave'>;

export const HANDLERS: { readonly [Type in HandledType]: Handler<Type> } = {
  ping: () => undefined,
  ready,
  admit,
  sendBack,
  mute,
  end,
  chat,
  'media.connect': connect,
  'media.restartIce': restartIce,
  'media.produce': produce,
  'media.pause': pause,
  'media.close': close,
  'media.resume': resume,
};
