import { constants } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeLibc } from '../../../test/support/fake-libc.ts';
import type { TransportAddress } from '../../wire/ip.ts';
import { type CollectedDatagram, SEND_SLOT_BYTES, SEND_SLOTS, SendSlab } from './send-slab.ts';

const { EAGAIN, ECONNREFUSED, EINVAL } = constants.errno;
const RECEIVERS: readonly TransportAddress[] = [
  { family: 4, ip: '192.0.2.1', port: 40_000 },
  { family: 4, ip: '192.0.2.1', port: 40_001 },
  { family: 6, ip: '2001:db8::1', port: 40_000 },
];

class FakeSender {
  readonly waiting: number[] = [];
  fd: number | undefined;
  segments = true;
  readonly refused: number[] = [];
  readonly rest: { data: string; to: TransportAddress | undefined }[] = [];

  constructor(fd: number) {
    this.fd = fd;
  }

  onFull(rest: readonly CollectedDatagram[]): void {
    for (const { data, to } of rest) this.rest.push({ data: data.toString('latin1'), to });
  }

  onRefused(errno: number): void {
    this.refused.push(errno);
  }
}

const setUp = () => {
  const libc = new FakeLibc();
  return { libc, slab: new SendSlab(libc), sender: new FakeSender(7) };
};
const texts = (libc: FakeLibc): string[] => libc.sent.map(({ data }) => data);

describe('datagrams that are sent together', () => {
  it('leave in one call for each socket, in their order, each to its own receiver', () => {
    const { libc, slab, sender } = setUp();
    const other = new FakeSender(8);
    const [first, second, third] = RECEIVERS;
    slab.collect(sender, [Buffer.from('a'), Buffer.from('b')], first);
    slab.collect(other, [Buffer.from('c')], undefined);
    slab.collect(sender, [Buffer.from('de')], second);
    slab.collect(sender, [Buffer.from('fg')], third);
    slab.flush();
    expect(libc.calls).toEqual([[1, 1, 1], [1]]);
    expect(libc.sent).toEqual([
      { fd: 7, data: 'ab', to: '192.0.2.1:40000' },
      { fd: 7, data: 'de', to: '192.0.2.1:40001' },
      { fd: 7, data: 'fg', to: '[2001:db8::1]:40000' },
      { fd: 8, data: 'c', to: undefined },
    ]);
    slab.flush();
    expect(libc.calls).toHaveLength(2);
  });

  it('travel as one where receiver and size are the same; the last one may be shorter, none longer or empty', () => {
    const { libc, slab, sender } = setUp();
    for (const text of ['aaa', 'bbb', 'c', 'dd', 'ee', 'fff', '', ''])
      slab.collect(sender, [Buffer.from(text)], undefined);
    slab.flush();
    expect(libc.calls).toEqual([[3, 2, 1, 1, 1]]);
    expect(texts(libc)).toEqual(['aaa', 'bbb', 'c', 'dd', 'ee', 'fff', '', '']);
  });

  it('of a socket that was closed meanwhile go nowhere', () => {
    const { libc, slab, sender } = setUp();
    slab.collect(sender, [Buffer.from('late')], undefined);
    sender.fd = undefined;
    slab.flush();
    expect(libc.sent).toEqual([]);
    expect(slab.isEmpty).toBe(true);
  });

  it('longer than a slot are cut off there', () => {
    const { libc, slab, sender } = setUp();
    slab.collect(sender, [Buffer.alloc(SEND_SLOT_BYTES - 1, 'x'), Buffer.from('yz')], undefined);
    slab.collect(sender, [Buffer.from('next')], undefined);
    slab.flush();
    expect(libc.sent[0]?.data).toBe(`${'x'.repeat(SEND_SLOT_BYTES - 1)}y`);
    expect(libc.sent[1]?.data).toBe('next');
  });
});

describe('what the kernel does not take', () => {
  const collect = (slab: SendSlab, sender: FakeSender, count: number): void => {
    for (let index = 0; index < count; index += 1)
      slab.collect(sender, [Buffer.from(`${index}`)], RECEIVERS[index % 2]);
  };

  it('after a part goes with the next call', () => {
    const { libc, slab, sender } = setUp();
    libc.verdict = () => ({ send: 2 });
    collect(slab, sender, 5);
    slab.flush();
    expect(texts(libc)).toEqual(['0', '1', '2', '3', '4']);
    expect(libc.calls.map((call) => call.length)).toEqual([5, 3, 1]);
  });

  it('because it is full is given back in order', () => {
    const { libc, slab, sender } = setUp();
    libc.verdict = () => (libc.calls.length === 1 ? { send: 2 } : { fail: EAGAIN });
    collect(slab, sender, 4);
    slab.flush();
    expect(texts(libc)).toEqual(['0', '1']);
    expect(sender.rest).toEqual([
      { data: '2', to: RECEIVERS[0] },
      { data: '3', to: RECEIVERS[1] },
    ]);
  });

  it('because of an earlier datagram is tried again; what is refused twice is told and left out', () => {
    const { libc, slab, sender } = setUp();
    libc.verdict = () => (libc.calls.length === 1 ? { fail: ECONNREFUSED } : { send: 9 });
    collect(slab, sender, 2);
    slab.flush();
    expect(texts(libc)).toEqual(['0', '1']);
    expect(sender.refused).toEqual([]);

    libc.verdict = () => (libc.calls.length < 5 ? { fail: ECONNREFUSED } : { send: 9 });
    libc.calls.length = 2;
    collect(slab, sender, 3);
    slab.flush();
    expect(texts(libc).slice(2)).toEqual(['1', '2']);
    expect(sender.refused).toEqual([ECONNREFUSED]);
  });

  it('as segments goes datagram by datagram, from then on', () => {
    const { libc, slab, sender } = setUp();
    libc.verdict = (segments) => (segments.some((count) => count > 1) ? { fail: EINVAL } : { send: 9 });
    for (let round = 0; round < 2; round += 1) {
      for (const text of ['aa', 'bb', 'cc']) slab.collect(sender, [Buffer.from(text)], undefined);
      slab.flush();
    }
    expect(texts(libc)).toEqual(['aa', 'bb', 'cc', 'aa', 'bb', 'cc']);
    expect(libc.calls).toEqual([[3], [1, 1, 1], [1, 1, 1]]);
  });
});

it('whatever is collected and however much is taken at a time, every datagram leaves once, in order, from its own memory', () => {
  const datagram = fc.record({
    sender: fc.nat(2),
    bytes: fc.oneof(fc.constant(1000), fc.constant(0), fc.nat(SEND_SLOT_BYTES)),
    to: fc.nat(RECEIVERS.length),
  });
  fc.assert(
    fc.property(fc.array(datagram, { maxLength: SEND_SLOTS }), fc.integer({ min: 1, max: 9 }), (datagrams, atOnce) => {
      const { libc, slab } = setUp();
      const senders = [new FakeSender(0), new FakeSender(1), new FakeSender(2)];
      libc.verdict = () => ({ send: atOnce });
      const due: string[][] = [[], [], []];
      for (const [index, { sender, bytes, to }] of datagrams.entries()) {
        const data = Buffer.alloc(bytes, `${index} `);
        due[sender]?.push(`${data.toString('latin1')} to ${to}`);
        const by = senders[sender];
        if (by !== undefined) slab.collect(by, [data.subarray(0, 4), data.subarray(4)], RECEIVERS[to]);
      }
      slab.flush();
      const numberOf = (to: string | undefined): number =>
        to === undefined
          ? RECEIVERS.length
          : RECEIVERS.findIndex(({ ip, port }) => to.includes(ip) && to.endsWith(`:${port}`));
      const got = senders.map((_, fd) =>
        libc.sent.filter((sent) => sent.fd === fd).map(({ data, to }) => `${data} to ${numberOf(to)}`),
      );
      expect(got).toEqual(due);
    }),
    { numRuns: 200 },
  );
});
