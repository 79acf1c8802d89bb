import {
  type ErrorBody,
  EVENTS,
  type EventData,
  EventEnvelope,
  type EventName,
  isEventName,
  REQUESTS,
  ReplyEnvelope,
  type RequestResult,
  type RequestType,
  SIGNALING_SUBPROTOCOL,
  type Welcome,
} from '@bedside/protocol';
import { WebSocket } from 'ws';
import { Journal } from './journal.ts';

/** A request that was answered with an error. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  readonly body: ErrorBody;

  constructor(body: ErrorBody) {
    super(body.code);
    this.body = body;
  }
}

export interface TestEvent {
  readonly event: EventName;
  readonly data: unknown;
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** The other end of a connection, as strict as the protocol: every frame must fit its schema. */
export class TestClient {
  readonly socket: WebSocket;
  readonly events = new Journal<TestEvent>();
  /** Every frame that came, in order, as it stood. */
  readonly frames: string[] = [];
  readonly closed: Promise<Closed>;
  readonly #replies = new Map<number, PromiseWithResolvers<unknown>>();
  #id = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        for (const reply of this.#replies.values()) reply.reject(new Error(`closed with ${code} ${reason}`));
      });
    });
    socket.on('error', () => undefined);
    socket.on('message', (data) => this.#receive(data.toString()));
  }

  /** Resolves when the socket is open; throws with the HTTP status when the upgrade was refused. */
  static async connect(
    url: string,
    options: { cookie?: string | undefined; origin?: string | undefined; protocols?: string[]; autoPong?: boolean },
  ): Promise<TestClient> {
    const headers = {
      ...(options.cookie === undefined ? {} : { cookie: options.cookie }),
      ...(options.origin === undefined ? {} : { origin: options.origin }),
    };
    const settings = { headers, perMessageDeflate: false, autoPong: options.autoPong ?? true };
    const socket = new WebSocket(url, options.protocols ?? [SIGNALING_SUBPROTOCOL], settings);
    const client = new TestClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
      socket.once('unexpected-response', (_request, response) => reject(new Error(`HTTP ${response.statusCode}`)));
    });
    return client;
  }

  /** Rejects with `RequestRefused`, or when the connection closes first. */
  async request<Type extends RequestType>(type: Type, data?: unknown): Promise<RequestResult<Type>> {
    const reply = await this.#ask(type, data);
    return REQUESTS[type].result.parse(reply) as RequestResult<Type>;
  }

  #ask(type: string, data: unknown): Promise<unknown> {
    const id = ++this.#id;
    const reply = Promise.withResolvers<unknown>();
    // A test that does not look at the answer must not fail on it.
    reply.promise.catch(() => undefined);
    this.#replies.set(id, reply);
    this.send({ v: 1, id, type, data });
    return reply.promise;
  }

  /** The code with which a request is refused; `ok` when it is not. */
  async outcome(type: string, data?: unknown): Promise<string> {
    try {
      await this.#ask(type, data);
      return 'ok';
    } catch (error) {
      if (error instanceof RequestRefused) return error.body.code;
      throw error;
    }
  }

  async hello(data: unknown): Promise<Welcome> {
    return this.request('hello', data);
  }

  /** The next event of that name that matches, among those that came since `from` and those to come. */
  async next<Name extends EventName>(
    name: Name,
    matches: (data: EventData<Name>) => boolean = () => true,
    from = 0,
  ): Promise<EventData<Name>> {
    const found = await this.events.find(({ event, data }) => event === name && matches(data as EventData<Name>), from);
    return found.data as EventData<Name>;
  }

  all<Name extends EventName>(name: Name): EventData<Name>[] {
    return this.events.items.filter(({ event }) => event === name).map(({ data }) => data as EventData<Name>);
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** Cuts the line, as a lost network does. */
  cut(): void {
    this.socket.terminate();
  }

  #receive(frame: string): void {
    this.frames.push(frame);
    const value: unknown = JSON.parse(frame);
    const reply = ReplyEnvelope.safeParse(value);
    if (reply.success) {
      const waiting = this.#replies.get(reply.data.re);
      this.#replies.delete(reply.data.re);
      if (reply.data.ok) waiting?.resolve(reply.data.data);
      else waiting?.reject(new RequestRefused(reply.data.error));
      return;
    }
    const { event, data } = EventEnvelope.parse(value);
    if (!isEventName(event)) throw new Error(`The server sent an event that is not in the protocol: ${event}`);
    this.events.add({ event, data: EVENTS[event].parse(data) });
  }
}
