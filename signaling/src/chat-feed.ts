import type { ChatMessage } from '@bedside/protocol';

/** Live messages that wait while earlier ones are fetched. Those dropped are fetched with the next gap. */
const MAX_HELD = 200;
/** The newest of a thread are sent up to this size (UTF-16 units of text), so that catching up cannot fill a queue. */
const MAX_CATCH_UP_LENGTH = 150_000;

/** The newest messages, oldest first, whose texts together stay within the bound. */
export const newest = (messages: readonly ChatMessage[]): ChatMessage[] => {
  let length = 0;
  const sorted = [...messages].sort((one, other) => one.seq - other.seq);
  const from = sorted.findLastIndex((message) => {
    length += message.text.length;
    return length > MAX_CATCH_UP_LENGTH;
  });
  return sorted.slice(from + 1);
};

/**
 * One session's part in the chat: gives its messages by `seq`, each once (SPEC CHAT1). What was missed before
 * it was opened, or on the way, shows as a gap and is fetched from core.
 */
export class ChatFeed {
  readonly #fetch: () => Promise<readonly ChatMessage[]>;
  readonly #deliver: (message: ChatMessage) => void;
  #state: 'closed' | 'fetching' | 'live' = 'closed';
  #held: ChatMessage[] = [];
  #lastSeq = 0;
  #turn = 0;

  constructor(options: { fetch: () => Promise<readonly ChatMessage[]>; deliver: (message: ChatMessage) => void }) {
    this.#fetch = options.fetch;
    this.#deliver = options.deliver;
  }

  get isOpen(): boolean {
    return this.#state !== 'closed';
  }

  /** Its holder has these already, by another way. */
  given(messages: readonly ChatMessage[]): void {
    for (const message of messages) this.#lastSeq = Math.max(this.#lastSeq, message.seq);
  }

  /** Starts with what was missed. */
  async open(): Promise<void> {
    this.#state = 'fetching';
    const turn = ++this.#turn;
    let earlier: readonly ChatMessage[] = [];
    try {
      earlier = await this.#fetch();
    } catch {
      // Core does not answer: the chat goes on with what is live, and the next gap asks again.
    }
    if (turn !== this.#turn) return;
    this.#state = 'live';
    for (const message of newest([...earlier, ...this.#held.splice(0)])) this.#give(message);
  }

  close(): void {
    this.#turn += 1;
    this.#state = 'closed';
    this.#held = [];
  }

  receive(message: ChatMessage): void {
    if (this.#state === 'closed' || message.seq <= this.#lastSeq) return;
    if (this.#state === 'live' && message.seq === this.#lastSeq + 1) {
      this.#give(message);
      return;
    }
    if (this.#held.length < MAX_HELD) this.#held.push(message);
    if (this.#state === 'live') void this.open();
  }

  #give(message: ChatMessage): void {
    if (message.seq <= this.#lastSeq) return;
    this.#lastSeq = message.seq;
    this.#deliver(message);
  }
}
