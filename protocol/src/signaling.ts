import { z } from 'zod';
import { GRANT_MAX_LENGTH, Permissions } from './grants.ts';
import { ConsumerId, EncounterId, PersonId, ProducerId, SessionId, TransportId } from './ids.ts';
import {
  ConsumerOffer,
  DtlsParameters,
  IceParameters,
  MediaOffer,
  MediaSource,
  RtpCapabilities,
  RtpParameters,
} from './media.ts';
import { CHAT_TEXT_MAX, ChatMessage, EndReason, Instant, RoomView } from './visits.ts';

/** WebSocket subprotocol (RFC 6455 §1.9); the version stands in it so that a proxy's log shows it. */
export const SIGNALING_SUBPROTOCOL = 'bedside.v1';

/** How long a session waits for its socket to come back before its holder counts as gone. */
export const RESUME_WINDOW_MS = 30_000;
export const HELLO_TIMEOUT_MS = 5_000;
/** The server pings this often (RFC 6455 §5.5.2); two unanswered pings end the connection with `heartbeat_lost`. */
export const PING_INTERVAL_MS = 10_000;

/** A request without data: none, or an empty object. */
const noParams = z.strictObject({}).optional();
const nothing = z.object({}).optional();

/** Opens a session with a grant, or takes up one whose socket was lost. */
export const HelloParams = z.union([
  z.strictObject({ encounterId: EncounterId, grant: z.string().min(1).max(GRANT_MAX_LENGTH) }),
  z.strictObject({
    encounterId: EncounterId,
    resume: z.strictObject({ sessionId: SessionId, token: z.string().length(43) }),
  }),
]);
export type HelloParams = z.infer<typeof HelloParams>;

export const Welcome = z.object({
  sessionId: SessionId,
  /** Secret of this session, base64url of 32 bytes; each resume gives a new one and the old one dies. */
  resumeToken: z.string().length(43),
  resumed: z.boolean(),
  permissions: Permissions,
  room: RoomView,
  /** Lets the client load its device while it waits. Absent while no media server is known. */
  routerRtpCapabilities: RtpCapabilities.optional(),
  /** The media that is running; after a resume with the same `epoch` nothing needs to be negotiated again. */
  mediaEpoch: z.number().int().optional(),
  /** Messages of the thread so far, where the holder may chat and is in the visit. Oldest first, the last 200. */
  messages: z.array(ChatMessage).max(200),
});
export type Welcome = z.infer<typeof Welcome>;

/**
 * Requests of the client: `type → { params, result }`. Each answers with `result` or with an error code.
 * Errors common to all: `message_invalid`, `message_out_of_order`, `not_permitted`, `internal`.
 */
export const REQUESTS = {
  hello: { params: HelloParams, result: Welcome },

  /** The device check is done and the holder wants in. Answers at once; `media.offer` follows on admission. */
  ready: { params: z.strictObject({ rtpCapabilities: RtpCapabilities }), result: nothing },
  /** Does nothing. A browser cannot send a WebSocket ping; the answer tells it that the connection lives. */
  ping: { params: noParams, result: nothing },
  /** Leaves for good: the session ends and the server closes with 1000. */
  leave: { params: noParams, result: nothing },

  /** Permission `admit`. Errors: `participant_unknown`. Admitting somebody who is in changes nothing. */
  admit: { params: z.strictObject({ personId: PersonId }), result: nothing },
  sendBack: { params: z.strictObject({ personId: PersonId }), result: nothing },
  /** Permission `mute`: pauses the other's producer. Only they themselves can take it up again. */
  mute: { params: z.strictObject({ personId: PersonId, source: MediaSource }), result: nothing },
  /** Permission `end`: ends the visit for all. */
  end: { params: noParams, result: nothing },

  /** Permission `chat`, in the visit. Answers with the stored message, which everybody also gets as an event. */
  chat: {
    params: z.strictObject({ clientMessageId: z.uuid(), text: z.string().trim().min(1).max(CHAT_TEXT_MAX) }),
    result: z.object({ message: ChatMessage }),
  },

  'media.connect': {
    params: z.strictObject({ transportId: TransportId, dtlsParameters: DtlsParameters }),
    result: nothing,
  },
  'media.restartIce': {
    params: z.strictObject({ transportId: TransportId }),
    result: z.object({ iceParameters: IceParameters }),
  },
  /** Permission by source: `publishAudio`, `publishVideo`, `publishScreen`. Errors: `media_refused`, `media_limit`. */
  'media.produce': {
    params: z.strictObject({ source: MediaSource, rtpParameters: RtpParameters, paused: z.boolean() }),
    result: z.object({ producerId: ProducerId }),
  },
  'media.pause': { params: z.strictObject({ producerId: ProducerId, paused: z.boolean() }), result: nothing },
  'media.close': { params: z.strictObject({ producerId: ProducerId }), result: nothing },
  /** Lets consumers flow; a video one asks its sender for a key frame. */
  'media.resume': { params: z.strictObject({ consumerIds: z.array(ConsumerId).min(1).max(64) }), result: nothing },
} as const;

export type RequestType = keyof typeof REQUESTS;
export type RequestParams<Type extends RequestType> = z.infer<(typeof REQUESTS)[Type]['params']>;
export type RequestResult<Type extends RequestType> = z.infer<(typeof REQUESTS)[Type]['result']>;
export const isRequestType = (type: string): type is RequestType => Object.hasOwn(REQUESTS, type);

/** Events of the server: `event → data`. A client ignores an event it does not know. */
export const EVENTS = {
  /** The room as the receiver may see it, whole, after any change. */
  room: RoomView,
  /** Admitted (or the room was placed anew): make transports, consume, produce. */
  'media.offer': MediaOffer,
  /** Sent back to the waiting room: all media is closed. */
  'media.withdrawn': z.object({}),
  'media.consumer': ConsumerOffer,
  'media.consumerClosed': z.object({ consumerId: ConsumerId }),
  /** The sender of a consumer paused or took up. */
  'media.consumerPaused': z.object({ consumerId: ConsumerId, paused: z.boolean() }),
  /** A host muted one of the receiver's own producers. */
  muted: z.object({ producerId: ProducerId, source: MediaSource, by: PersonId }),
  chat: ChatMessage,
  /** The visit is over for all; the server closes with `visit_over` after it. */
  ended: z.object({ reason: EndReason, at: Instant }),
} as const;

export type EventName = keyof typeof EVENTS;
export type EventData<Name extends EventName> = z.infer<(typeof EVENTS)[Name]>;
export const isEventName = (name: string): name is EventName => Object.hasOwn(EVENTS, name);
