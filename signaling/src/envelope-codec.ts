import {
  ERRORS,
  type ErrorBody,
  type ErrorCode,
  type EventData,
  type EventName,
  PROTOCOL_VERSION,
  RequestEnvelope,
} from '@bedside/protocol';

/** A frame as a request, or why the connection has to be closed (SPEC ENV2, ENV4). Never throws. */
export const readRequest = (
  frame: string,
): { request: RequestEnvelope } | { refused: 'message_malformed' | 'message_unsupported_version' } => {
  let value: unknown;
  try {
    value = JSON.parse(frame);
  } catch {
    return { refused: 'message_malformed' };
  }
  const parsed = RequestEnvelope.safeParse(value);
  if (parsed.success) return { request: parsed.data };
  const version = typeof value === 'object' && value !== null && 'v' in value ? value.v : undefined;
  const otherVersion = typeof version === 'number' && version !== PROTOCOL_VERSION;
  return { refused: otherVersion ? 'message_unsupported_version' : 'message_malformed' };
};

/** `detail` names the field; without it the code's own sentence stands. */
export const errorBody = (code: ErrorCode, detail?: string): ErrorBody => ({
  code,
  message: (detail ?? ERRORS[code].title).slice(0, 500),
});

export const writeResult = (re: number, data: unknown): string =>
  JSON.stringify({ v: PROTOCOL_VERSION, re, ok: true, data });

export const writeError = (re: number, error: ErrorBody): string =>
  JSON.stringify({ v: PROTOCOL_VERSION, re, ok: false, error });

export const writeEvent = <Name extends EventName>(event: Name, data: EventData<Name>): string =>
  JSON.stringify({ v: PROTOCOL_VERSION, event, data });
