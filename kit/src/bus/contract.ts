import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bus, BusError } from './bus.ts';

/** What an implementation gives to the suite. */
export interface BusUnderTest {
  /** A connected bus that encodes errors as `encodeError` does and tells `onHandlerError` of subscribers that threw. */
  open(options: { onHandlerError: (error: unknown, subject: string) => void }): Promise<Bus>;
}

/** The codec that implementations under test have to use. */
export const encodeError = (error: unknown): unknown => ({ told: error instanceof Error ? error.name : 'thrown' });

/** Collects what a handler gets and lets a test await the `count`th. */
const collector = <Item>() => {
  const items: Item[] = [];
  let wake: () => void = () => undefined;
  return {
    items,
    put: (item: Item) => {
      items.push(item);
      wake();
    },
    until: async (count: number): Promise<Item[]> => {
      while (items.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return items;
    },
  };
};

/** Registers the tests that every `Bus` has to pass. */
export const describeBus = (name: string, subject: BusUnderTest): void => {
  describe(`${name} keeps the contract of the bus`, () => {
    let bus: Bus;
    const handlerErrors = collector<string>();

    beforeEach(async () => {
      handlerErrors.items.length = 0;
      bus = await subject.open({ onHandlerError: (_error, where) => handlerErrors.put(where) });
    });
    afterEach(() => bus.close());

    const reasonOf = async (asking: Promise<unknown>): Promise<string> => {
      const error: unknown = await asking.then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (!(error instanceof BusError)) throw new Error('no BusError was thrown', { cause: error });
      return error.reason;
    };

    it('delivers to every subscription whose pattern matches, with the subject', async () => {
      const got = collector<string>();
      bus.subscribe('room.1.event', (payload, where) => got.put(`exact ${where} ${String(payload)}`));
      bus.subscribe('room.*.event', (payload, where) => got.put(`any ${where} ${String(payload)}`));
      bus.subscribe('room.*', () => got.put('too short'));
      bus.subscribe('room.*.*.event', () => got.put('too long'));
      bus.publish('room.1.event', 'a');
      bus.publish('room.2.event', 'b');
      expect((await got.until(3)).toSorted()).toEqual([
        'any room.1.event a',
        'any room.2.event b',
        'exact room.1.event a',
      ]);
    });

    it('delivers in the order of publishing, without waiting for a handler', async () => {
      const got = collector<unknown>();
      bus.subscribe('numbers', (payload) => {
        got.put(payload);
        return new Promise(() => undefined);
      });
      for (let number = 0; number < 100; number += 1) bus.publish('numbers', number);
      expect(await got.until(100)).toEqual(Array.from({ length: 100 }, (_, number) => number));
    });

    it('returns from publish before any handler runs', async () => {
      const got = collector<string>();
      bus.subscribe('later', () => got.put('handled'));
      bus.publish('later', null);
      expect(got.items).toEqual([]);
      await got.until(1);
    });

    it('hands over a copy of JSON', async () => {
      const sent = { at: new Date(0), left: undefined, list: [1] };
      const got = collector<unknown>();
      bus.subscribe('copy', (payload) => got.put(payload));
      bus.subscribe('copy', (payload) => got.put(payload));
      bus.publish('copy', sent);
      sent.list.push(2);
      const [first, second] = await got.until(2);
      expect(first).toEqual({ at: '1970-01-01T00:00:00.000Z', list: [1] });
      expect(first).not.toHaveProperty('left');
      expect(second).toEqual(first);
      expect(second).not.toBe(first);
    });

    it('delivers nothing after a subscription is closed', async () => {
      const got = collector<string>();
      const closed = bus.subscribe('words', () => got.put('closed'));
      bus.subscribe('words', () => got.put('open'));
      closed.close();
      closed.close();
      bus.publish('words', 1);
      expect(await got.until(1)).toEqual(['open']);
    });

    it('keeps a handler that throws from harming anybody else', async () => {
      const got = collector<unknown>();
      bus.subscribe('harm', () => {
        throw new Error('at once');
      });
      bus.subscribe('harm', async () => {
        throw new Error('later');
      });
      bus.subscribe('harm', (payload) => got.put(payload));
      bus.publish('harm', 1);
      bus.publish('harm', 2);
      expect(await got.until(2)).toEqual([1, 2]);
      expect(await handlerErrors.until(4)).toEqual(['harm', 'harm', 'harm', 'harm']);
    });

    it('answers a request with a copy, by subject and by pattern', async () => {
      const answer = { list: [1] };
      bus.respond('ask.exact', () => answer);
      bus.respond('ask.*.any', async (payload, where) => ({ payload, where }));
      const got = await bus.request('ask.exact', null, { timeoutMs: 1_000 });
      expect(got).toEqual(answer);
      expect(got).not.toBe(answer);
      expect(await bus.request('ask.7.any', { n: 1 }, { timeoutMs: 1_000 })).toEqual({
        payload: { n: 1 },
        where: 'ask.7.any',
      });
    });

    it('lets one of several responders answer each request', async () => {
      const asked: string[] = [];
      bus.respond('shared', () => void asked.push('a'));
      bus.respond('shared', () => void asked.push('b'));
      await Promise.all(Array.from({ length: 20 }, () => bus.request('shared', null, { timeoutMs: 1_000 })));
      expect(asked).toHaveLength(20);
    });

    it('fails at once where nobody answers, also after the last responder has gone', async () => {
      expect(await reasonOf(bus.request('nobody', null, { timeoutMs: 60_000 }))).toBe('no-responders');
      bus.respond('somebody', () => 1).close();
      expect(await reasonOf(bus.request('somebody', null, { timeoutMs: 60_000 }))).toBe('no-responders');
    });

    it('fails when the answer does not come in time', async () => {
      bus.respond('slow', () => new Promise(() => undefined));
      expect(await reasonOf(bus.request('slow', null, { timeoutMs: 20 }))).toBe('timeout');
    });

    it('fails when it is aborted, before or after asking', async () => {
      bus.respond('slow', () => new Promise(() => undefined));
      const signal = AbortSignal.abort();
      expect(await reasonOf(bus.request('slow', null, { timeoutMs: 60_000, signal }))).toBe('aborted');
      const later = new AbortController();
      const asking = reasonOf(bus.request('slow', null, { timeoutMs: 60_000, signal: later.signal }));
      later.abort();
      expect(await asking).toBe('aborted');
    });

    it('carries a responder’s error as the codec encodes it, and nothing more', async () => {
      bus.respond('fails.now', () => {
        throw new TypeError('secret');
      });
      bus.respond('fails.later', async () => {
        throw new TypeError('secret');
      });
      for (const where of ['fails.now', 'fails.later']) {
        const error: unknown = await bus.request(where, null, { timeoutMs: 1_000 }).catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ name: 'BusError', reason: 'failed', body: { told: 'TypeError' } });
        expect(String(error)).not.toContain('secret');
      }
    });

    it('carries an answer that is no JSON as the responder’s error', async () => {
      bus.respond('odd', () => ({ big: 1n }));
      expect(await reasonOf(bus.request('odd', null, { timeoutMs: 1_000 }))).toBe('failed');
    });

    it('close ends requests under way and refuses what comes after', async () => {
      bus.respond('slow', () => new Promise(() => undefined));
      const asking = reasonOf(bus.request('slow', null, { timeoutMs: 60_000 }));
      await bus.close();
      await bus.close();
      expect(await asking).toBe('closed');
      expect(await reasonOf(bus.request('slow', null, { timeoutMs: 60_000 }))).toBe('closed');
      expect(() => bus.publish('a', 1)).toThrow(BusError);
      expect(() => bus.subscribe('a', () => undefined)).toThrow(BusError);
      expect(() => bus.respond('a', () => undefined)).toThrow(BusError);
    });
  });
};
