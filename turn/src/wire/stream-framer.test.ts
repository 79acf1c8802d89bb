import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { channelDataChunks, decodeChannelData } from './channel-data.ts';
import { encodeMessage } from './encode.ts';
import { MAX_FRAME_BYTES, StreamFramer } from './stream-framer.ts';

const stunFrame = fc
  .uint8Array({ maxLength: 40 })
  .map((value) =>
    encodeMessage({ class: 1, method: 6, transactionId: Buffer.alloc(12), attributes: [{ type: 0x13, value }] }),
  );
const channelFrame = fc
  .tuple(fc.integer({ min: 0x4000, max: 0x7fff }), fc.uint8Array({ maxLength: 50 }))
  .map(([channel, data]) => Buffer.concat(channelDataChunks(channel, Buffer.from(data), true)));
const cutAt = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const points = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  return points.slice(1).map((point, index) => bytes.subarray(points[index], point));
};

describe('ChannelData', () => {
  it.each([1000, 1001, 1002, 1003])(
    'of %i bytes is padded to four on streams and not in datagrams (RFC 8656 §12.5)',
    (length) => {
      const data = Buffer.alloc(length, 7);
      expect(Buffer.concat(channelDataChunks(0x4001, data, true)).length).toBe(4 + Math.ceil(length / 4) * 4);
      expect(Buffer.concat(channelDataChunks(0x4001, data, false)).length).toBe(4 + length);
      expect(decodeChannelData(Buffer.concat(channelDataChunks(0x4001, data, true)))).toEqual({
        channel: 0x4001,
        data,
      });
    },
  );

  it.each([
    ['no channel number', [0x80, 0, 0, 0]],
    ['a length beyond the frame', [0x40, 0, 0, 5, 1, 2, 3, 4]],
    ['three bytes', [0x40, 0, 0]],
  ])('with %s is dropped (RFC 8656 §12.6)', (_what, bytes) => {
    expect(decodeChannelData(Buffer.from(bytes))).toBeUndefined();
  });
});

describe('framing a stream', () => {
  it('gives the frames back, however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(stunFrame, channelFrame), { maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        (frames, cuts) => {
          const framer = new StreamFramer({ maxFrameBytes: MAX_FRAME_BYTES });
          const seen: string[] = [];
          for (const chunk of cutAt(Buffer.concat(frames), cuts))
            expect(framer.push(chunk, (frame) => seen.push(frame.toString('hex')))).toBeUndefined();
          expect(seen).toEqual(frames.map((frame) => frame.toString('hex')));
        },
      ),
    );
  });

  it.each([
    ['too-long', 'GET / HTTP/1.1'],
    ['not-turn', '\x80\x01\x00\x00'],
    ['unaligned', '\x00\x01\x00\x03'],
    ['too-long', '\x40\x00\xff\xff'],
  ])('ends with %s', (problem, text) => {
    expect(new StreamFramer({ maxFrameBytes: 2048 }).push(Buffer.from(text, 'latin1'), () => {})).toBe(problem);
    const slow = new StreamFramer({ maxFrameBytes: 2048 });
    expect(
      [...Buffer.from(text, 'latin1')]
        .map((byte) => slow.push(Buffer.from([byte]), () => {}))
        .find((result) => result !== undefined),
    ).toBe(problem);
  });

  it('never throws on any bytes and never hands out more than came in', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 30 }), { maxLength: 20 }), (chunks) => {
        const framer = new StreamFramer({ maxFrameBytes: MAX_FRAME_BYTES });
        let handedOut = 0;
        for (const chunk of chunks)
          if (framer.push(Buffer.from(chunk), (frame) => (handedOut += frame.length)) !== undefined) break;
        expect(handedOut).toBeLessThanOrEqual(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
      }),
    );
  });
});
