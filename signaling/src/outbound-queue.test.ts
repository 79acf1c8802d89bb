import { describe, expect, it } from 'vitest';
import { OutboundQueue } from './outbound-queue.ts';

class Sink {
  bufferedAmount = 0;
  readonly taken: (() => void)[] = [];
  stuck = true;

  send(frame: string, taken: () => void): void {
    if (this.stuck) this.bufferedAmount += frame.length;
    this.taken.push(taken);
  }
}

const queueOf = (sink: Sink) => new OutboundQueue({ sink, maxFrames: 3, maxBytes: 100 });

describe('OutboundQueue', () => {
  it('ENV9: refuses beyond the frames or the bytes that may wait', () => {
    const frames = queueOf(new Sink());
    expect([1, 2, 3, 4].map(() => frames.send('x'))).toEqual([true, true, true, false]);
    const bytes = queueOf(new Sink());
    expect(bytes.send('x'.repeat(100))).toBe(true);
    expect(bytes.send('x')).toBe(false);
  });

  it('ENV9: counts only what the kernel has not taken', () => {
    const sink = new Sink();
    sink.stuck = false;
    const queue = queueOf(sink);
    for (let n = 0; n < 100; n += 1) expect(queue.send('x')).toBe(true);
    for (const taken of sink.taken.splice(0)) taken();
    sink.stuck = true;
    expect([1, 2, 3].map(() => queue.send('x'))).toEqual([true, true, true]);
  });
});
