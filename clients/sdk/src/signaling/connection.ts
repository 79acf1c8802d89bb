import {
  EVENTS,
  type EventData,
  EventEnvelope,
  type EventName,
  isEventName,
  PROTOCOL_VERSION,
  REQUESTS,
  ReplyEnvelope,
  type RequestParams,
  type RequestResult,
  type RequestType,
} from '@bedside/protocol';
import { VisitError } from '../errors.ts';
import type { Socket, Timers } from '../platform.ts';

export type ServerEvent = { [Name in EventName]: { event: Name; data: EventData<Name> } }[EventName];

export const REQUEST_TIMEOUT_MS = 8_000;
/** The server answers everything, so more than this many open requests mean that nothing gets through. */
const MAX_PENDING = 64;
/** Bytes that may wait in the socket; beyond it the path is too slow to add to. */
const MAX_BUFFERED_BYTES = 1_048_576;

interface Pending {
  parse(data: unknown): unknown;
  resolve(result: never): void;
  reject(error: VisitError): void;
  cancelTimeout(): void;
}

export interface ConnectionHandlers {
  opened(): void;
  event(event: ServerEvent): void;
  /** Once, whoever closed. `code` is the WebSocket close code; 4000 is this side's own "no answer". */
  closed(code: number, reason: string): void;
}

/** One WebSocket: frames to requests, replies and events. It knows nothing of sessions and never reconnects. */
export class SignalingConnection {
  readonly #socket: Socket;
  readonly #timers: Timers;
  readonly #handlers: ConnectionHandlers;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #closed = false;

  constructor(options: { socket: Socket; timers: Timers; handlers: ConnectionHandlers }) {
    this.#socket = options.socket;
    this.#timers = options.timers;
    this.#handlers = options.handlers;
    options.socket.onopen = () => {
      if (!this.#closed) this.#handlers.opened();
    };
    options.socket.onmessage = ({ data }) => this.#receive(data);
    options.socket.onclose = ({ code, reason }) => this.#teardown(code, reason);
  }

  /** Rejects with the server's code, or `request_timeout`, `connection_lost`, `too_many_requests`. */
  request<Type extends RequestType>(type: Type, data: RequestParams<Type>): Promise<RequestResult<Type>> {
    const { result } = REQUESTS[type];
    return this.#send(type, data, (value) => result.parse(value)) as Promise<RequestResult<Type>>;
  }

  close(code = 1000, reason = ''): void {
    if (this.#closed) return;
    this.#socket.close(code, reason);
    this.#teardown(code, reason);
  }

  #send(type: string, data: unknown, parse: (value: unknown) => unknown): Promise<unknown> {
    if (this.#closed) return Promise.reject(new VisitError('connection_lost'));
    if (this.#pending.size >= MAX_PENDING || this.#socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      return Promise.reject(new VisitError('too_many_requests'));
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const cancelTimeout = this.#timers.after(REQUEST_TIMEOUT_MS, () => {
        this.#pending.delete(id);
        reject(new VisitError('request_timeout'));
        // The server answers every request (SPEC ENV6): silence means that the path is dead, though TCP has not noticed.
        this.close(4000, 'request_timeout');
      });
      this.#pending.set(id, { parse, resolve, reject, cancelTimeout });
      this.#socket.send(JSON.stringify({ v: PROTOCOL_VERSION, id, type, data }));
    });
  }

  #receive(frame: unknown): void {
    if (this.#closed || typeof frame !== 'string') return;
    let message: unknown;
    try {
      message = JSON.parse(frame);
    } catch {
      return;
    }
    const reply = ReplyEnvelope.safeParse(message);
    if (reply.success) return this.#answer(reply.data);
    const envelope = EventEnvelope.safeParse(message);
    // A newer server may say things this page does not know (SPEC ENV10).
    if (!envelope.success || !isEventName(envelope.data.event)) return;
    const data = EVENTS[envelope.data.event].safeParse(envelope.data.data);
    if (data.success) this.#handlers.event({ event: envelope.data.event, data: data.data } as ServerEvent);
  }

  #answer(reply: ReplyEnvelope): void {
    const pending = this.#pending.get(reply.re);
    if (!pending) return;
    this.#pending.delete(reply.re);
    pending.cancelTimeout();
    if (!reply.ok) return pending.reject(VisitError.fromServer(reply.error.code));
    try {
      pending.resolve(pending.parse(reply.data) as never);
    } catch (cause) {
      pending.reject(new VisitError('reply_unreadable', { cause }));
    }
  }

  #teardown(code: number, reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    for (const pending of this.#pending.values()) {
      pending.cancelTimeout();
      pending.reject(new VisitError('connection_lost'));
    }
    this.#pending.clear();
    this.#handlers.closed(code, reason);
  }
}
