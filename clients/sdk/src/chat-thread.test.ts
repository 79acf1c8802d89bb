import type { ChatMessage } from '@bedside/protocol';
import { describe, expect, test } from 'vitest';
import { type ChatState, ChatThread, mergeMessages } from './chat-thread.ts';
import { VisitError } from './errors.ts';
import { settle } from './testing/manual-timers.ts';
import { ENCOUNTER, ME } from './testing/samples.ts';

const message = (seq: number, clientMessageId = `client-${seq}`): ChatMessage => ({
  id: `message-${seq}` as ChatMessage['id'],
  encounterId: ENCOUNTER,
  seq,
  senderId: ME,
  clientMessageId,
  text: `text ${seq}`,
  sentAt: '2030-01-01T10:00:00.000Z',
});

const setUp = () => {
  const calls: { clientMessageId: string; resolve: (seq: number) => void; reject: (error: VisitError) => void }[] = [];
  let state: ChatState = { messages: [], outgoing: [] };
  let uuids = 0;
  const thread = new ChatThread({
    send: ({ clientMessageId }) =>
      new Promise((resolve, reject) => {
        calls.push({ clientMessageId, reject, resolve: (seq) => resolve({ message: message(seq, clientMessageId) }) });
      }),
    uuid: () => `uuid-${++uuids}`,
    changed: (next) => {
      state = next;
    },
  });
  return { thread, calls, current: () => state };
};

describe('mergeMessages', () => {
  test('CHAT3 orders by seq and keeps each once, whatever the order of arrival', () => {
    const merged = [3, 1, 2, 3, 1].reduce<readonly ChatMessage[]>(
      (thread, seq) => mergeMessages(thread, [message(seq)]),
      [],
    );
    expect(merged.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });
});

describe('ChatThread', () => {
  test('sends one after another, so that the order of writing is the order of the thread', async () => {
    const { thread, calls, current } = setUp();
    thread.post('first');
    thread.post('  second  ');
    expect(calls).toHaveLength(1);
    calls[0]?.resolve(1);
    await settle();
    expect(calls).toHaveLength(2);
    calls[1]?.resolve(2);
    await settle();
    expect(current().messages.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(current().outgoing).toEqual([]);
  });

  test('CHAT2 after a lost connection the same message goes out again under the same id', async () => {
    const { thread, calls, current } = setUp();
    thread.post('hello');
    calls[0]?.reject(new VisitError('connection_lost'));
    await settle();
    expect(current().outgoing).toMatchObject([{ text: 'hello', status: 'sending' }]);
    void thread.flush();
    expect(calls.map(({ clientMessageId }) => clientMessageId)).toEqual(['uuid-1', 'uuid-1']);
  });

  test('an event that comes before the answer settles the message once', async () => {
    const { thread, calls, current } = setUp();
    thread.post('hello');
    thread.add([message(1, 'uuid-1')]);
    expect(current().outgoing).toEqual([]);
    calls[0]?.resolve(1);
    await settle();
    expect(current().messages).toHaveLength(1);
  });

  test('a refused message is shown as failed, does not hold up the next, and can be tried again', async () => {
    const { thread, calls, current } = setUp();
    thread.post('one');
    thread.post('two');
    calls[0]?.reject(new VisitError('not_permitted'));
    await settle();
    expect(current().outgoing).toMatchObject([{ status: 'failed', code: 'not_permitted' }, { status: 'sending' }]);
    calls[1]?.resolve(1);
    await settle();
    thread.retry('uuid-1');
    calls[2]?.resolve(2);
    await settle();
    expect(current().messages.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(current().outgoing).toEqual([]);
  });

  test('refuses what the protocol refuses and more than fifty that wait', () => {
    const { thread } = setUp();
    expect(() => thread.post('   ')).toThrow(VisitError);
    expect(() => thread.post('x'.repeat(4_001))).toThrow(VisitError);
    for (let i = 0; i < 50; i++) thread.post('x');
    expect(() => thread.post('x')).toThrow(expect.objectContaining({ code: 'too_many_requests' }));
  });
});
