import type { Logger } from '@bedside/kit';
import type { Departure } from '../egress/port.ts';
import type { Channel, NotificationKind } from './model.ts';

/** A message on its way to one person. */
export interface Outgoing {
  /** The same for every try: receivers can tell a second copy by it. */
  readonly id: string;
  readonly kind: NotificationKind;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Whose it is, and what of theirs it tells. */
  readonly departure: Departure;
}

/**
 * It was not handed over. `isFinal`: another try is of no use. `reason` is a constant or the server's status code, never
 * an address or a text: it is stored and logged.
 */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  readonly isFinal: boolean;
  readonly reason: string;

  constructor(reason: string, options: { isFinal: boolean; cause?: unknown }) {
    super('The message was not handed over.', options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = reason;
    this.isFinal = options.isFinal;
  }
}

/** A way for messages to leave. Resolves once somebody else has taken the message over; throws `DeliveryError`. */
export interface Transport {
  send(message: Outgoing): Promise<void>;
  close(): void;
}

/** For trying Bedside out: says that a message would have left, and neither to whom nor what it says. */
export const consoleTransport = (channel: Channel, log: Logger): Transport => ({
  send: async (message) => log.info('message-not-sent', { route: channel, reason: message.kind }),
  close: () => undefined,
});
