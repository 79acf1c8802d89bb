import type { Socket } from '../platform.ts';

interface Sent {
  id: number;
  type: string;
  data: unknown;
}

/** The server's end of a socket in a test. */
export class FakeSocket {
  readonly url: string;
  readonly sent: Sent[] = [];
  bufferedAmount = 0;
  closedWith: { code: number | undefined; reason: string | undefined } | undefined;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;

  constructor(url: string) {
    this.url = url;
  }

  /** As the code under test takes it. */
  get asSocket(): Socket {
    return this as unknown as Socket;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Sent);
  }

  close(code?: number, reason?: string): void {
    this.closedWith ??= { code, reason };
  }

  open(): void {
    this.onopen?.();
  }

  deliver(message: unknown): void {
    this.onmessage?.({ data: typeof message === 'string' ? message : JSON.stringify(message) });
  }

  event(event: string, data: unknown): void {
    this.deliver({ v: 1, event, data });
  }

  /** Answers the oldest open request of this type and gives its data. */
  answer(type: string, result: unknown = {}): unknown {
    const request = this.#take(type);
    this.deliver({ v: 1, re: request.id, ok: true, data: result });
    return request.data;
  }

  refuse(type: string, code: string): void {
    this.deliver({ v: 1, re: this.#take(type).id, ok: false, error: { code, message: code } });
  }

  /** The server or the network closes. */
  drop(code = 1006, reason = ''): void {
    this.onclose?.({ code, reason });
  }

  #take(type: string): Sent {
    const index = this.sent.findIndex((request) => request.type === type);
    const [request] = index < 0 ? [] : this.sent.splice(index, 1);
    if (!request) throw new Error(`no ${type} was sent`);
    return request;
  }
}
