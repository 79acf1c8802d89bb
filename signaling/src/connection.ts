import {
  type CloseReason,
  ERRORS,
  type ErrorBody,
  type EventData,
  type EventName,
  type RequestEnvelope,
  type SessionId,
} from '@bedside/protocol';
import type { RawData, WebSocket } from 'ws';
import type { SignalingLimits, SignalingTimings } from './config.ts';
import { readRequest, writeError, writeEvent, writeResult } from './envelope-codec.ts';
import type { ConnectionEnd } from './events.ts';
import { OutboundQueue } from './outbound-queue.ts';
import { RateLimit } from './rate-limit.ts';
import type { Departure } from './room/room-state.ts';
import type { Outlet, Session } from './session.ts';

/** What becomes of a request. */
export interface Answer {
  readonly reply: { readonly data: unknown } | { readonly error: ErrorBody };
  /** Done after the reply has gone out. */
  readonly after?: () => void;
  /** Closes the connection after the reply. */
  readonly close?: CloseReason;
}

export interface ConnectionOwner {
  /** Never rejects. */
  handle(connection: Connection, request: RequestEnvelope): Promise<Answer>;
  /** Once, as soon as the connection is given up or lost. */
  ended(connection: Connection, reason: ConnectionEnd): void;
}

/** RFC 6455 §7.4.1. */
const NORMAL_CLOSURE = 1000;
const MESSAGE_TOO_BIG = 1009;
const MISSED_PINGS_ALLOWED = 2;

const isTooBig = (error: Error): boolean => 'code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';

/** One WebSocket: frames in, requests to its owner one after the other, replies and events out, within its bounds. */
export class Connection implements Outlet {
  /** Hashes of the browser session's cookies that came with the upgrade request. */
  readonly sessionHashes: readonly string[];
  readonly #socket: WebSocket;
  readonly #owner: ConnectionOwner;
  readonly #limits: SignalingLimits;
  readonly #timings: SignalingTimings;
  readonly #rate: RateLimit;
  readonly #outbound: OutboundQueue;
  readonly #pending: RequestEnvelope[] = [];
  #session: Session | undefined;
  #working = false;
  #unansweredPings = 0;
  #ended = false;
  #helloLeftMs: number;
  #helloAwaitedAt = 0;
  #helloTimer: NodeJS.Timeout | undefined;
  #pingTimer: NodeJS.Timeout | undefined;

  constructor(options: {
    socket: WebSocket;
    sessionHashes: readonly string[];
    owner: ConnectionOwner;
    limits: SignalingLimits;
    timings: SignalingTimings;
  }) {
    this.sessionHashes = options.sessionHashes;
    this.#socket = options.socket;
    this.#owner = options.owner;
    this.#limits = options.limits;
    this.#timings = options.timings;
    this.#helloLeftMs = options.timings.helloTimeoutMs;
    this.#rate = new RateLimit([
      { count: options.limits.requestsPerSecond, windowMs: 1_000 },
      { count: options.limits.requestsPerTenSeconds, windowMs: 10_000 },
    ]);
    this.#outbound = new OutboundQueue({
      sink: options.socket,
      maxFrames: options.limits.outboundFrames,
      maxBytes: options.limits.outboundBytes,
    });
  }

  /** Takes frames from here on. */
  start(): void {
    this.#socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    this.#socket.on('pong', () => {
      this.#unansweredPings = 0;
    });
    // ws has sent the close frame that fits by the time it tells of an error.
    this.#socket.on('error', (error) => this.#end(isTooBig(error) ? 'message_too_large' : 'closed_by_client'));
    this.#socket.on('close', (code) => this.#end(code === MESSAGE_TOO_BIG ? 'message_too_large' : 'closed_by_client'));
    this.#awaitHello();
    this.#pingTimer = setInterval(() => this.#ping(), this.#timings.pingIntervalMs);
  }

  get isOpen(): boolean {
    return !this.#ended;
  }

  /** Absent until a hello was answered well. */
  get session(): Session | undefined {
    return this.#session;
  }

  get sessionId(): SessionId | undefined {
    return this.#session?.id;
  }

  belongsTo(session: Session): void {
    this.#session = session;
  }

  tell<Name extends EventName>(event: Name, data: EventData<Name>): void {
    this.#send(writeEvent(event, data));
  }

  /** Closes with the reason's close code and the reason in words; a reader that does not take it is cut off. */
  close(reason: Departure): void {
    if (this.#ended) return;
    if (reason === 'left' || reason === 'window-passed') this.#socket.close(NORMAL_CLOSURE);
    else this.#socket.close(ERRORS[reason].close, reason);
    this.#end(reason === 'window-passed' ? 'left' : reason);
  }

  /** Ends the socket without waiting for the other side. */
  cutOff(): void {
    this.#socket.terminate();
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#ended) return;
    const taken = this.#read(data, isBinary);
    if (typeof taken === 'string') {
      this.close(taken);
      return;
    }
    this.#pending.push(taken);
    if (!this.#working) void this.#work();
  }

  /** The request in a frame, or the reason for which the connection is closed. */
  #read(data: RawData, isBinary: boolean): RequestEnvelope | CloseReason {
    // A monotonic clock: a wall clock that is set back must not lock anybody out.
    if (!this.#rate.take(performance.now())) return 'too_many_messages';
    if (isBinary) return 'message_malformed';
    const read = readRequest(data.toString());
    if ('refused' in read) return read.refused;
    return this.#pending.length < this.#limits.pendingRequests ? read.request : 'too_many_messages';
  }

  /** One request at a time, in the order in which they came (SPEC ENV6). */
  async #work(): Promise<void> {
    this.#working = true;
    for (let request = this.#pending.shift(); request !== undefined; request = this.#pending.shift()) {
      // The time of a hello that has come is core's, and bounded there.
      this.#pauseHelloTimer();
      const answer = await this.#owner.handle(this, request);
      const { reply } = answer;
      this.#send('error' in reply ? writeError(request.id, reply.error) : writeResult(request.id, reply.data));
      answer.after?.();
      if (answer.close !== undefined) this.close(answer.close);
    }
    this.#working = false;
    if (this.#session === undefined && !this.#ended) this.#awaitHello();
  }

  /** Goes on where it was paused, so that hellos that come to nothing buy no time. */
  #awaitHello(): void {
    this.#helloAwaitedAt = performance.now();
    this.#helloTimer = setTimeout(() => this.close('hello_timeout'), this.#helloLeftMs);
  }

  #pauseHelloTimer(): void {
    if (this.#session !== undefined) return;
    clearTimeout(this.#helloTimer);
    this.#helloLeftMs -= performance.now() - this.#helloAwaitedAt;
  }

  #send(frame: string): void {
    if (this.#ended) return;
    if (!this.#outbound.send(frame)) this.close('too_slow');
  }

  #ping(): void {
    if (this.#unansweredPings >= MISSED_PINGS_ALLOWED) {
      this.close('heartbeat_lost');
      return;
    }
    this.#unansweredPings += 1;
    this.#socket.ping();
  }

  #end(reason: ConnectionEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#pending.length = 0;
    clearTimeout(this.#helloTimer);
    clearInterval(this.#pingTimer);
    this.#owner.ended(this, reason);
  }
}
