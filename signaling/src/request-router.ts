import {
  AppError,
  type CloseReason,
  ERRORS,
  type ErrorCode,
  errorCodeOf,
  HelloParams,
  isRequestType,
  REQUESTS,
  type RequestEnvelope,
  type RequestParams,
  type RequestType,
} from '@bedside/protocol';
import type { z } from 'zod';
import type { Answer, Connection } from './connection.ts';
import type { CoreClient } from './core-client.ts';
import { errorBody } from './envelope-codec.ts';
import type { SignalingEvents } from './events.ts';
import type { GrantVerifier } from './grant-verifier.ts';
import type { Handler } from './handlers/handler.ts';
import { HANDLERS, type HandledType } from './handlers/handlers.ts';
import type { MediaClient } from './media-client.ts';
import type { Visits } from './visits.ts';

/** Codes with which core ends a session, whatever it was asked. */
const ENDS_SESSION: readonly ErrorCode[] = ['grant_revoked', 'visit_over'];

const closeReasonOf = (code: ErrorCode): CloseReason | undefined =>
  'close' in ERRORS[code] ? (code as CloseReason) : undefined;

/** Names the field and never its value (SPEC ENV5). */
const fieldOf = (error: z.ZodError): string => {
  const path = error.issues[0]?.path.join('.') ?? '';
  return path === '' ? 'data' : `data.${path}`.slice(0, 200);
};

const refusal = (code: ErrorCode, detail?: string): Answer => ({ reply: { error: errorBody(code, detail) } });

/** Takes each request of a connection to what answers it, and turns what is thrown into an answer. */
export class RequestRouter {
  readonly #visits: Visits;
  readonly #verifier: GrantVerifier;
  readonly #core: CoreClient;
  readonly #media: MediaClient;
  readonly #events: SignalingEvents;

  constructor(options: {
    visits: Visits;
    verifier: GrantVerifier;
    core: CoreClient;
    media: MediaClient;
    events: SignalingEvents;
  }) {
    this.#visits = options.visits;
    this.#verifier = options.verifier;
    this.#core = options.core;
    this.#media = options.media;
    this.#events = options.events;
  }

  /** Never rejects. */
  async handle(connection: Connection, request: RequestEnvelope): Promise<Answer> {
    const type = isRequestType(request.type) ? request.type : undefined;
    try {
      const answer = await this.#answer(connection, type, request.data);
      this.#events.requestHandled(type ?? 'unknown', 'ok');
      return answer;
    } catch (error) {
      const code = errorCodeOf(error);
      this.#events.requestHandled(type ?? 'unknown', code);
      if (code === 'internal') this.#events.requestFailed(type ?? 'hello', error);
      return this.#refuse(connection, code, error instanceof AppError ? error.detail : undefined);
    }
  }

  #refuse(connection: Connection, code: ErrorCode, detail: string | undefined): Answer {
    const close = closeReasonOf(code);
    const { session } = connection;
    const answer = refusal(code, detail);
    if (close === undefined) return answer;
    if (session !== undefined && ENDS_SESSION.includes(code)) {
      return { ...answer, after: () => this.#visits.end(session, close) };
    }
    return { ...answer, close };
  }

  async #answer(connection: Connection, type: RequestType | undefined, data: unknown): Promise<Answer> {
    const { session } = connection;
    if (session === undefined) return this.#hello(connection, type, data);
    if (type === undefined) throw new AppError('message_unknown_type');
    if (type === 'hello') throw new AppError('message_out_of_order');
    if (type === 'leave') {
      return { reply: { data: undefined }, after: () => this.#visits.end(session, 'left') };
    }
    return { reply: { data: await this.#run(connection, type, data) } };
  }

  async #hello(connection: Connection, type: RequestType | undefined, data: unknown): Promise<Answer> {
    if (type !== 'hello') throw new AppError('hello_required');
    const parsed = HelloParams.safeParse(data);
    if (!parsed.success) throw new AppError('message_invalid', { detail: `${fieldOf(parsed.error)}: does not fit.` });
    const params = parsed.data;
    const { sessionHashes } = connection;
    const { session, welcome, begin } =
      'grant' in params
        ? await this.#visits.open(
            await this.#verifier.verify(params.grant, { encounterId: params.encounterId, sessionHashes }),
            connection,
          )
        : await this.#visits.resume(params, sessionHashes, connection);
    connection.belongsTo(session);
    return { reply: { data: welcome }, after: begin };
  }

  async #run<Type extends HandledType>(connection: Connection, type: Type, data: unknown): Promise<unknown> {
    const { session } = connection;
    if (session === undefined) throw new AppError('hello_required');
    const parsed = REQUESTS[type].params.safeParse(data);
    if (!parsed.success) throw new AppError('message_invalid', { detail: `${fieldOf(parsed.error)}: does not fit.` });
    const handler: Handler<Type> = HANDLERS[type];
    const room = this.#visits.roomOf(session);
    const context = { session, room, core: this.#core, media: this.#media, events: this.#events };
    return handler(context, parsed.data as RequestParams<Type>);
  }
}
