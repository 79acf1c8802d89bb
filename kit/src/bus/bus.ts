/**
 * The bus between services. Subjects are dot-separated words; a subscription may hold `*` for exactly one word.
 * Payloads are JSON values: what is received is a copy, and `undefined` members are gone.
 *
 * Delivery is at most once. Messages of one publisher to one subscription arrive in order; a handler that is still at
 * work does not keep the next message back. A handler that throws harms neither the publisher nor other subscribers.
 * After `close()` every call but `close()` throws `BusError` `closed`.
 */
export interface Bus {
  publish(subject: string, payload: unknown): void;
  subscribe(pattern: string, handler: BusHandler): BusSubscription;
  /** Answers requests. Of several responders of one subject, one gets each request. A throw answers with an error. */
  respond(pattern: string, handler: BusResponder): BusSubscription;
  /**
   * Throws `BusError`: `no-responders` at once where nobody answers the subject, `timeout`, `closed`, or `failed` when
   * the responder threw (`body` is then what its `errors.encode` made of it).
   */
  request(subject: string, payload: unknown, options: { timeoutMs: number; signal?: AbortSignal }): Promise<unknown>;
  close(): Promise<void>;
}

export type BusHandler = (payload: unknown, subject: string) => void | Promise<void>;
export type BusResponder = (payload: unknown, subject: string) => unknown;

export interface BusSubscription {
  close(): void;
}

/** How a responder's error crosses the bus. */
export interface BusErrorCodec {
  encode(error: unknown): unknown;
}

export type BusErrorReason = 'no-responders' | 'timeout' | 'closed' | 'aborted' | 'failed';

export class BusError extends Error {
  override readonly name = 'BusError';
  readonly reason: BusErrorReason;
  readonly body: unknown;

  constructor(reason: BusErrorReason, subject: string, body?: unknown) {
    super(`${reason}: ${subject}`);
    this.reason = reason;
    this.body = body;
  }
}

/** Whether `subject` is one that `pattern` subscribes to. */
export const subjectMatches = (pattern: string, subject: string): boolean => {
  if (pattern === subject) return true;
  const wanted = pattern.split('.');
  const words = subject.split('.');
  return wanted.length === words.length && wanted.every((word, index) => word === '*' || word === words[index]);
};
