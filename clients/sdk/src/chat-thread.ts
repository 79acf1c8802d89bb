import { CHAT_TEXT_MAX, type ChatMessage } from '@bedside/protocol';
import { isConnectionLoss, isPassing, VisitError, type VisitErrorCode, visitErrorOf } from './errors.ts';

/** A message of this person's own that the server has not confirmed. */
export interface OutgoingMessage {
  clientMessageId: string;
  text: string;
  /** `failed` waits for `retry`; `sending` goes out by itself as soon as there is a connection. */
  status: 'sending' | 'failed';
  code?: VisitErrorCode;
}

export interface ChatState {
  /** By `seq`, each once (SPEC CHAT3). */
  messages: readonly ChatMessage[];
  outgoing: readonly OutgoingMessage[];
}

const MAX_MESSAGES = 2_000;
const MAX_OUTGOING = 50;

/** Adds messages to a thread: ordered by `seq`, each once, the oldest falling away beyond the bound. */
export const mergeMessages = (
  thread: readonly ChatMessage[],
  added: readonly ChatMessage[],
): readonly ChatMessage[] => {
  const bySeq = new Map(thread.map((message) => [message.seq, message]));
  for (const message of added) bySeq.set(message.seq, message);
  if (bySeq.size === thread.length) return thread;
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq).slice(-MAX_MESSAGES);
};

/** The thread of a visit with what is still on its way. Sending again is safe: `clientMessageId` stays (SPEC CHAT2). */
export class ChatThread {
  readonly #send: (message: { clientMessageId: string; text: string }) => Promise<{ message: ChatMessage }>;
  readonly #uuid: () => string;
  readonly #changed: (state: ChatState) => void;
  #messages: readonly ChatMessage[] = [];
  #outgoing: readonly OutgoingMessage[] = [];
  #flushing = false;

  constructor(options: {
    send: (message: { clientMessageId: string; text: string }) => Promise<{ message: ChatMessage }>;
    uuid: () => string;
    changed: (state: ChatState) => void;
  }) {
    this.#send = options.send;
    this.#uuid = options.uuid;
    this.#changed = options.changed;
  }

  get state(): ChatState {
    return { messages: this.#messages, outgoing: this.#outgoing };
  }

  /** 1 to 4000 characters after trimming, else `message_invalid`; `too_many_requests` when 50 already wait. */
  post(text: string): void {
    const trimmed = text.trim();
    if (trimmed.length === 0 || trimmed.length > CHAT_TEXT_MAX) throw new VisitError('message_invalid');
    if (this.#outgoing.length >= MAX_OUTGOING) throw new VisitError('too_many_requests');
    this.#setOutgoing([...this.#outgoing, { clientMessageId: this.#uuid(), text: trimmed, status: 'sending' }]);
    void this.flush();
  }

  retry(clientMessageId: string): void {
    this.#mark(clientMessageId, { status: 'sending' });
    void this.flush();
  }

  add(messages: readonly ChatMessage[]): void {
    const known = new Set(messages.map((message) => message.clientMessageId));
    this.#messages = mergeMessages(this.#messages, messages);
    this.#setOutgoing(this.#outgoing.filter((message) => !known.has(message.clientMessageId)));
  }

  /** Sends what waits, one after another, so that the order of writing is the order of the thread. */
  async flush(): Promise<void> {
    if (this.#flushing) return;
    this.#flushing = true;
    try {
      for (let next = this.#next(); next; next = this.#next()) {
        const { clientMessageId, text } = next;
        const { message } = await this.#send({ clientMessageId, text });
        this.#setOutgoing(this.#outgoing.filter((other) => other.clientMessageId !== clientMessageId));
        this.add([message]);
      }
    } catch (error) {
      const { code } = visitErrorOf(error);
      const next = this.#next();
      // A lost connection is no failure: `flush` runs again after the next welcome.
      if (next && !isConnectionLoss(error)) this.#mark(next.clientMessageId, { status: 'failed', code });
      this.#flushing = false;
      if (!isConnectionLoss(error) && !isPassing(code)) return this.flush();
    } finally {
      this.#flushing = false;
    }
  }

  #next(): OutgoingMessage | undefined {
    return this.#outgoing.find(({ status }) => status === 'sending');
  }

  #mark(clientMessageId: string, change: Pick<OutgoingMessage, 'status' | 'code'>): void {
    this.#setOutgoing(
      this.#outgoing.map(({ clientMessageId: id, text, ...rest }) =>
        id === clientMessageId ? { clientMessageId: id, text, ...change } : { clientMessageId: id, text, ...rest },
      ),
    );
  }

  #setOutgoing(outgoing: readonly OutgoingMessage[]): void {
    this.#outgoing = outgoing;
    this.#changed(this.state);
  }
}
