import { ATTRIBUTE } from '../../src/wire/attribute-types.ts';
import { decodeErrorCode } from '../../src/wire/attributes/error-code.ts';
import {
  decodeAddressFamily,
  decodeChannelNumber,
  decodeRequestedTransport,
  decodeUInt32,
  decodeUnknownAttributes,
} from '../../src/wire/attributes/numbers.ts';
import { decodePasswordAlgorithm } from '../../src/wire/attributes/password-algorithms.ts';
import { decodeText } from '../../src/wire/attributes/text.ts';
import { decodeXorAddress } from '../../src/wire/attributes/xor-address.ts';
import { decodeChannelData } from '../../src/wire/channel-data.ts';
import { encodeMessage, type OutgoingAttribute } from '../../src/wire/encode.ts';
import { decodeMessage, HEADER_BYTES, type StunMessage } from '../../src/wire/message.ts';
import type { MessageClass } from '../../src/wire/methods.ts';
import { fingerprintIsRight, verifyIntegrity } from '../../src/wire/seals.ts';
import { StreamFramer } from '../../src/wire/stream-framer.ts';

/** A small generator that gives the same numbers for the same seed, so that a failure can be run again (mulberry32). */
export const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const TYPES = Object.values(ATTRIBUTE);
const KEY = Buffer.from('fuzz');

const randomMessage = (random: () => number): Buffer => {
  const below = (bound: number): number => Math.floor(random() * bound);
  const attributes: OutgoingAttribute[] = Array.from({ length: below(6) }, () => ({
    type: TYPES[below(TYPES.length)] ?? 0,
    value: Buffer.from(Array.from({ length: below(40) }, () => below(256))),
  }));
  const integrity =
    random() < 0.3 ? { algorithm: random() < 0.5 ? ('sha1' as const) : ('sha256' as const), key: KEY } : undefined;
  return encodeMessage({
    class: below(4) as MessageClass,
    method: below(16),
    transactionId: Buffer.alloc(12, below(256)),
    attributes,
    integrity,
    fingerprint: random() < 0.3,
  });
};

/** A well-formed message with some bytes changed, some cut off or appended; or plain noise. */
export const hostileBytes = (random: () => number): Buffer => {
  const below = (bound: number): number => Math.floor(random() * bound);
  if (random() < 0.2) return Buffer.from(Array.from({ length: below(64) }, () => below(256)));
  const bytes = randomMessage(random);
  for (let change = below(5); change > 0; change -= 1) bytes[below(bytes.length)] = below(256);
  const kind = random();
  if (kind < 0.2) return bytes.subarray(0, below(bytes.length + 1));
  if (kind < 0.3) return Buffer.concat([bytes, Buffer.alloc(below(9), below(256))]);
  if (kind < 0.5 && bytes.length >= HEADER_BYTES) bytes.writeUInt16BE(bytes.length - HEADER_BYTES, 2);
  return bytes;
};

const readEverything = (message: StunMessage): void => {
  for (const { value } of message.attributes) {
    decodeXorAddress(value, message.transactionId);
    decodeErrorCode(value);
    decodeUInt32(value);
    decodeChannelNumber(value);
    decodeRequestedTransport(value);
    decodeAddressFamily(value);
    decodeUnknownAttributes(value);
    decodePasswordAlgorithm(value);
    decodeText(value, 763);
  }
  verifyIntegrity(message, KEY);
  fingerprintIsRight(message);
};

/**
 * Feeds `count` hostile inputs to every parser of the wire. Returns how many were taken for messages; throws on the
 * first input that makes a parser throw or hand out bytes that did not come in, naming it and the seed.
 */
export const fuzzWire = (options: { seed: number; count: number }): { accepted: number } => {
  const random = seededRandom(options.seed);
  let accepted = 0;
  for (let index = 0; index < options.count; index += 1) {
    const bytes = hostileBytes(random);
    try {
      const result = decodeMessage(bytes);
      if (result.ok) {
        accepted += 1;
        readEverything(result.message);
        const inside = result.message.attributes.every(
          ({ value }) =>
            value.length === 0 ||
            (value.buffer === bytes.buffer && value.byteOffset + value.length <= bytes.byteOffset + bytes.length),
        );
        if (!inside) throw new Error('An attribute reaches past the message.');
      }
      const channelData = decodeChannelData(bytes);
      if (channelData !== undefined && channelData.data.length > bytes.length - 4)
        throw new Error('ChannelData reaches past its frame.');
      const framer = new StreamFramer({ maxFrameBytes: 2048 });
      const cut = Math.floor(random() * (bytes.length + 1));
      let handedOut = 0;
      const count = (frame: Buffer): void => {
        handedOut += frame.length;
      };
      if (framer.push(bytes.subarray(0, cut), count) === undefined) framer.push(bytes.subarray(cut), count);
      if (handedOut > bytes.length) throw new Error('The framer handed out more than came in.');
    } catch (cause) {
      throw new Error(`Input ${index} of seed ${options.seed}: ${bytes.toString('hex')}`, { cause });
    }
  }
  return { accepted };
};
