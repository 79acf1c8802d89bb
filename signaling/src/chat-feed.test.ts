import { ChatMessage } from '@bedside/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChatFeed, newest } from './chat-feed.ts';

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const message = (seq: number, text = 'x'): ChatMessage =>
  ChatMessage.parse({
    id: uuid(seq),
    encounterId: uuid(0),
    seq,
    senderId: uuid(1),
    clientMessageId: uuid(seq),
    text,
    sentAt: '2026-01-01T00:00:00.000Z',
  });

const setUp = (stored: ChatMessage[]) => {
  const given: number[] = [];
  const feed = new ChatFeed({ fetch: async () => [...stored], deliver: ({ seq }) => given.push(seq) });
  return { feed, given };
};

describe('ChatFeed', () => {
  it('WAIT2: gives nothing while it is closed', async () => {
    const { feed, given } = setUp([message(1)]);
    feed.receive(message(1));
    const opening = feed.open();
    feed.close();
    await opening;
    feed.receive(message(2));
    expect(given).toEqual([]);
  });

  it('goes on with what is live when core does not answer', async () => {
    const given: number[] = [];
    const feed = new ChatFeed({
      fetch: () => Promise.reject(new Error('silent')),
      deliver: ({ seq }) => given.push(seq),
    });
    const opening = feed.open();
    feed.receive(message(4));
    await opening;
    feed.receive(message(5));
    expect(given).toEqual([4, 5]);
  });

  it('CHAT1 CHAT3: whatever is lost, repeated or overtaken on the way, each is given once and in order', async () => {
    const arrivals = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(arrivals, fc.nat(30), async (seqs, known) => {
        const stored = Array.from({ length: 30 }, (_, index) => message(index + 1));
        const { feed, given } = setUp(stored);
        feed.given(stored.slice(0, known));
        const opening = feed.open();
        for (const seq of seqs) feed.receive(message(seq));
        await opening;
        for (const seq of seqs) feed.receive(message(seq));
        expect(given).toEqual(Array.from({ length: 30 - known }, (_, index) => known + index + 1));
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  it('ENV9: catches up with as many of the newest as a queue can take', () => {
    const long = Array.from({ length: 200 }, (_, index) => message(index + 1, 'x'.repeat(4_000)));
    const some = newest(long);
    expect(some.at(-1)?.seq).toBe(200);
    expect(JSON.stringify(some).length).toBeLessThan(524_288);
    expect(newest([message(2), message(1)]).map(({ seq }) => seq)).toEqual([1, 2]);
  });
});
