import { ERRORS, type ErrorCode, isErrorCode } from '@bedside/protocol';

/** What can go wrong on this side of the wire. `title` says what to do and may be shown as it is. */
export const CLIENT_ERRORS = {
  browser_unsupported:
    'This browser cannot make video calls. Open the visit in a current Chrome, Edge, Firefox or Safari.',
  page_insecure: 'Camera and microphone only work on a secure page. Open the address with https.',
  camera_refused: 'The camera is blocked for this page. Allow it in the browser’s site settings, then try again.',
  camera_missing: 'No camera was found. Connect one, or join with sound only.',
  camera_busy: 'Another app is using the camera. Close it, then try again.',
  camera_failed: 'The camera did not start. Unplug it or restart the device, then try again.',
  microphone_refused:
    'The microphone is blocked for this page. Allow it in the browser’s site settings, then try again.',
  microphone_missing: 'No microphone was found. Connect one, or a headset.',
  microphone_busy: 'Another app is using the microphone. Close it, then try again.',
  microphone_failed: 'The microphone did not start. Unplug it or restart the device, then try again.',
  network_blocked:
    'This network may keep sound and picture out. You can join and write; another network, or a phone’s hotspot, helps.',
  connection_lost: 'The connection was lost. It is being opened again.',
  not_connected: 'There is no connection at the moment. Try again when it is back.',
  request_timeout: 'The server did not answer in time.',
  reply_unreadable: 'The server sent something this page cannot read. Reload the page.',
  too_many_requests: 'Too much is waiting to be sent. Wait a moment.',
  media_failed: 'Sound and picture could not be set up. We keep trying.',
} as const;

export type ClientErrorCode = keyof typeof CLIENT_ERRORS;
export type VisitErrorCode = ErrorCode | ClientErrorCode;

const isClientErrorCode = (code: string): code is ClientErrorCode => Object.hasOwn(CLIENT_ERRORS, code);

/** One plain sentence for a code; it carries nothing personal. */
export const sentenceFor = (code: VisitErrorCode): string =>
  isClientErrorCode(code) ? CLIENT_ERRORS[code] : ERRORS[code].title;

/** The one error class of the SDK; branch on `code`. */
export class VisitError extends Error {
  override readonly name = 'VisitError';
  readonly code: VisitErrorCode;

  constructor(code: VisitErrorCode, options: { cause?: unknown } = {}) {
    super(sentenceFor(code), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
  }

  /** `internal` stands for codes of a newer server that this page does not know. */
  static fromServer(code: string): VisitError {
    return new VisitError(isErrorCode(code) ? code : 'internal');
  }
}

export const visitErrorOf = (error: unknown): VisitError =>
  error instanceof VisitError ? error : new VisitError('internal', { cause: error });

const CONNECTION_LOSSES: ReadonlySet<VisitErrorCode> = new Set(['connection_lost', 'not_connected', 'request_timeout']);

/** Whether the same request may work later without anybody doing anything: overload, outage, a lost connection. */
export const isPassing = (code: VisitErrorCode): boolean =>
  isErrorCode(code) ? ERRORS[code].status >= 500 || ERRORS[code].status === 429 : CONNECTION_LOSSES.has(code);

/** The request may or may not have arrived: the connection went away before the answer. */
export const isConnectionLoss = (error: unknown): boolean =>
  error instanceof VisitError && CONNECTION_LOSSES.has(error.code);
