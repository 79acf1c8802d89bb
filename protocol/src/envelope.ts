import { z } from 'zod';
import { PROTOCOL_VERSION } from './version.ts';

/** Largest message a client may send, in bytes of UTF-8. The largest honest one is a join's RTP capabilities. */
export const CLIENT_MESSAGE_MAX_BYTES = 65_536;
/** Largest message a server may send, in bytes of UTF-8. */
export const SERVER_MESSAGE_MAX_BYTES = 1_048_576;

/** Frames a client sends: every one is a request, answered once by a `ReplyEnvelope` with `re` equal to `id`. */
export const RequestEnvelope = z.strictObject({
  v: z.literal(PROTOCOL_VERSION),
  /** Chosen by the client, rising within a connection. */
  id: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  type: z.string().min(1).max(40),
  data: z.unknown().optional(),
});
export type RequestEnvelope = z.infer<typeof RequestEnvelope>;

/** `error.code` is an `ErrorCode`; an older client may meet one it does not know and shows `message`. */
export const ErrorBody = z.object({ code: z.string().max(60), message: z.string().max(500) });
export type ErrorBody = z.infer<typeof ErrorBody>;

export const ReplyEnvelope = z.union([
  z.object({ v: z.literal(PROTOCOL_VERSION), re: z.number().int(), ok: z.literal(true), data: z.unknown().optional() }),
  z.object({ v: z.literal(PROTOCOL_VERSION), re: z.number().int(), ok: z.literal(false), error: ErrorBody }),
]);
export type ReplyEnvelope = z.infer<typeof ReplyEnvelope>;

export const EventEnvelope = z.object({
  v: z.literal(PROTOCOL_VERSION),
  event: z.string().min(1).max(40),
  data: z.unknown().optional(),
});
export type EventEnvelope = z.infer<typeof EventEnvelope>;
