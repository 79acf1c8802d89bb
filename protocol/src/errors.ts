/**
 * Every error code of Bedside, with what each edge makes of it.
 *
 * `status` is the HTTP status of the problem document (RFC 9457). `close` is the WebSocket close code, for errors that
 * end the connection. `title` is one sentence that says what to do; it never carries PHI, so it may reach any screen.
 */
export const ERRORS = {
  // Room grants, in the order in which they are judged (SPEC GR3).
  grant_malformed: { status: 401, close: 4401, title: 'This room grant cannot be read. Open the visit again.' },
  grant_algorithm: {
    status: 401,
    close: 4401,
    title: 'This room grant is not signed with EdDSA. Open the visit again.',
  },
  grant_unknown_key: {
    status: 401,
    close: 4401,
    title: 'This room grant is signed by a key we do not know. Open the visit again.',
  },
  grant_signature: { status: 401, close: 4401, title: 'This room grant has a bad signature. Open the visit again.' },
  grant_claims: {
    status: 401,
    close: 4401,
    title: 'This room grant was made for something else. Open the visit again.',
  },
  grant_not_yet_valid: {
    status: 401,
    close: 4401,
    title: 'This room grant is not valid yet. Check the clock and open the visit again.',
  },
  grant_expired: { status: 401, close: 4401, title: 'This room grant has expired. Open the visit again.' },
  grant_wrong_visit: {
    status: 403,
    close: 4401,
    title: 'This room grant is for another visit. Open this visit from your home page.',
  },
  grant_wrong_person: {
    status: 403,
    close: 4401,
    title: 'This room grant was given to somebody else. Sign in and open the visit again.',
  },
  grant_replayed: { status: 409, close: 4401, title: 'This room grant has been used already. Open the visit again.' },
  grant_revoked: {
    status: 403,
    close: 4401,
    title: 'This room grant was withdrawn. Ask the clinic if you should still have access.',
  },

  // Signaling.
  message_malformed: { status: 400, close: 4400, title: 'This message is not valid JSON of the signaling protocol.' },
  message_unsupported_version: { status: 400, close: 4400, title: 'This page is older than the server. Reload it.' },
  message_too_large: { status: 413, close: 1009, title: 'This message is too large.' },
  message_unknown_type: { status: 400, title: 'This message has a type the server does not know.' },
  message_invalid: { status: 400, title: 'A field of this message has a value that is not allowed.' },
  message_out_of_order: { status: 409, title: 'This message cannot be handled in the present state.' },
  hello_required: { status: 401, close: 4400, title: 'The first message has to be a hello.' },
  hello_timeout: { status: 408, close: 4408, title: 'No hello arrived in time.' },
  resume_unknown: { status: 404, close: 4404, title: 'This session is over. Join again with a new room grant.' },
  session_replaced: {
    status: 409,
    close: 4409,
    title: 'The visit was opened again elsewhere. This page is no longer part of it.',
  },
  visit_over: { status: 410, close: 4410, title: 'This visit has ended.' },
  too_many_messages: { status: 429, close: 4429, title: 'Too many messages. Wait a moment and join again.' },
  too_slow: { status: 408, close: 4430, title: 'The connection is too slow to keep up. It will be opened again.' },
  heartbeat_lost: { status: 408, close: 4431, title: 'The connection went silent. It will be opened again.' },
  server_draining: {
    status: 503,
    close: 1012,
    title: 'The server is being restarted. The connection will be opened again.',
  },
  server_busy: {
    status: 503,
    close: 1013,
    title: 'The server has no room for another connection. Try again in a moment.',
  },
  origin_refused: { status: 403, close: 4403, title: 'This page may not open visits here.' },
  not_permitted: { status: 403, title: 'You do not have permission to do this.' },
  not_in_visit: { status: 409, title: 'You are not in the visit yet. Wait to be let in.' },
  participant_unknown: { status: 404, title: 'This person is not here.' },

  // Media.
  media_unavailable: { status: 503, title: 'No media server can take this visit right now. Try again in a moment.' },
  media_stale_epoch: { status: 409, title: 'This room has moved to another media server.' },
  media_room_unknown: { status: 404, title: 'This room is not on this media server.' },
  media_peer_unknown: { status: 404, title: 'This participant is not on this media server.' },
  media_object_unknown: { status: 404, title: 'This transport, producer or consumer is not on this media server.' },
  media_limit: { status: 409, title: 'This participant has as many media streams as it may have.' },
  media_refused: { status: 400, title: 'The media server refused these media parameters.' },

  // Core.
  bad_request: { status: 400, title: 'A field of this request has a value that is not allowed.' },
  sign_in_required: { status: 401, title: 'Sign in first.' },
  sign_in_failed: { status: 401, title: 'Signing in did not work. Try again.' },
  account_unknown: { status: 403, title: 'This account is not known here. Ask the clinic to add you.' },
  step_up_required: { status: 403, title: 'Prove once more that it is you, then try again.' },
  step_up_failed: { status: 403, title: 'That did not prove that it is you. Try again.' },
  account_link_refused: {
    status: 403,
    title: 'This sign-in cannot be matched with one person here. Ask the clinic to connect it.',
  },
  cross_site: { status: 403, title: 'This request came from another site and was refused.' },
  forbidden: { status: 403, title: 'You may not see or do this.' },
  not_found: { status: 404, title: 'There is no such thing here, or you may not see it.' },
  method_not_allowed: { status: 405, title: 'This address does not take this method.' },
  request_timeout: { status: 408, title: 'This request did not arrive in time. Send it again.' },
  payload_too_large: { status: 413, title: 'This request is too large.' },
  uri_too_long: { status: 414, title: 'This address is too long.' },
  headers_too_large: { status: 431, title: 'This request has too many headers, or too large ones.' },
  unsupported_media_type: { status: 415, title: 'Send JSON.' },
  slot_taken: { status: 409, title: 'This time has just been taken. Pick another.' },
  slot_unavailable: { status: 409, title: 'The provider does not see patients at this time. Pick another.' },
  patient_busy: { status: 409, title: 'The same patient has another visit at this time. Pick another time.' },
  slot_too_soon: { status: 409, title: 'This time is too close. Pick a later one, or call the clinic.' },
  slot_too_far: { status: 409, title: 'This time is too far ahead to be booked. Pick an earlier one.' },
  day_full: { status: 409, title: 'The provider has no more room on this day. Pick another day.' },
  session_full: { status: 409, title: 'All seats of this session are taken. Pick another.' },
  region_required: { status: 400, title: 'Say in which state the patient will be during the visit.' },
  not_licensed: {
    status: 409,
    title: 'The provider is not licensed where the patient will be. Pick another provider, or call the clinic.',
  },
  payer_not_accepted: {
    status: 409,
    title: 'This visit is not covered by this payer. Pick another, or call the clinic.',
  },
  hold_over: { status: 410, title: 'This time is no longer held for you. Pick a time again.' },
  hold_unknown: { status: 404, title: 'This hold is not known, or it is somebody else’s.' },
  hold_extended: { status: 409, title: 'This hold was extended once already. Book now, or pick a time again.' },
  too_many_holds: { status: 409, title: 'Too many times are held for you at once. Book one or let one go.' },
  change_too_late: { status: 409, title: 'It is too late to change this visit here. Please call the clinic.' },
  offer_over: { status: 410, title: 'This offer is over. The place in the line is kept.' },
  identifier_taken: { status: 409, title: 'This identifier is in the record of a patient already.' },
  already_waiting: { status: 409, title: 'There is a place in the line for such a visit already.' },
  version_conflict: { status: 409, title: 'This was changed by somebody else. Reload it.' },
  idempotency_conflict: { status: 409, title: 'This idempotency key was used for another request.' },
  transition_refused: { status: 409, title: 'This cannot be done in the present state.' },
  egress_refused: {
    status: 409,
    title: 'No agreement in force lets this leave. Ask an administrator to record one.',
  },
  export_over: { status: 410, title: 'This export is no longer there. Ask for it again.' },
  too_many_exports: {
    status: 409,
    title: 'Too many exports were asked for today. Fetch one of them, or come back tomorrow.',
  },
  too_many_corrections: {
    status: 409,
    title: 'Too many of these requests are open. Wait for an answer, or withdraw one.',
  },
  visit_too_early: { status: 409, title: 'It is too early to enter this visit.' },
  rate_limited: { status: 429, title: 'Too many requests. Wait a moment.' },
  unavailable: { status: 503, title: 'A part of the system does not answer. Try again in a moment.' },
  internal: { status: 500, close: 1011, title: 'Something went wrong on the server. Try again.' },
} as const satisfies Record<string, { status: number; close?: number; title: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** A code that ends the connection. */
export type CloseReason = {
  [Code in ErrorCode]: (typeof ERRORS)[Code] extends { close: number } ? Code : never;
}[ErrorCode];

export const isErrorCode = (value: unknown): value is ErrorCode =>
  typeof value === 'string' && Object.hasOwn(ERRORS, value);

/**
 * A failure that an edge maps to a problem document, an error answer or a close code.
 * `detail` names the field and the fix; it never carries PHI or a secret.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly detail: string | undefined;

  constructor(code: ErrorCode, options: { detail?: string | undefined; cause?: unknown } = {}) {
    super(options.detail ?? ERRORS[code].title, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.detail = options.detail;
  }
}

/** The code of whatever was thrown: an `AppError`'s own, else `internal`. */
export const errorCodeOf = (error: unknown): ErrorCode => (error instanceof AppError ? error.code : 'internal');
