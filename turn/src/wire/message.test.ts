import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ATTRIBUTE } from './attribute-types.ts';
import { encodeMessage } from './encode.ts';
import { attributeOf, classOfType, decodeMessage, MAX_ATTRIBUTES, messageType, methodOfType } from './message.ts';
import { MESSAGE_CLASS, METHOD, type MessageClass } from './methods.ts';
import { fingerprintIsRight, verifyIntegrity } from './seals.ts';

const KEY = Buffer.from('key');
const messageClass = fc.constantFrom<MessageClass>(0, 1, 2, 3);
const plainType = fc
  .integer({ min: 0, max: 0xffff })
  .filter(
    (type) =>
      type !== ATTRIBUTE.messageIntegrity &&
      type !== ATTRIBUTE.messageIntegritySha256 &&
      type !== ATTRIBUTE.fingerprint,
  );
const outgoing = fc.record({
  class: messageClass,
  method: fc.integer({ min: 0, max: 0xfff }),
  transactionId: fc.uint8Array({ minLength: 12, maxLength: 12 }),
  attributes: fc.array(fc.record({ type: plainType, value: fc.uint8Array({ maxLength: 70 }) }), { maxLength: 12 }),
  integrity: fc.constantFrom(
    undefined,
    { algorithm: 'sha1' as const, key: KEY },
    { algorithm: 'sha256' as const, key: KEY },
  ),
  fingerprint: fc.boolean(),
});

describe('message types', () => {
  it('interleaves class and method as RFC 8489 §5 draws it', () => {
    expect(messageType(METHOD.binding, MESSAGE_CLASS.request)).toBe(0x0001);
    expect(messageType(METHOD.allocate, MESSAGE_CLASS.success)).toBe(0x0103);
    expect(messageType(METHOD.allocate, MESSAGE_CLASS.error)).toBe(0x0113);
    expect(messageType(METHOD.data, MESSAGE_CLASS.indication)).toBe(0x0017);
  });

  it('comes back as it went in', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xfff }), messageClass, (method, value) => {
        const type = messageType(method, value);
        expect([methodOfType(type), classOfType(type)]).toEqual([method, value]);
        expect(type).toBeLessThan(0x4000);
      }),
    );
  });
});

describe('a message', () => {
  it('comes back as it was written, seals and all', () => {
    fc.assert(
      fc.property(outgoing, (message) => {
        const result = decodeMessage(encodeMessage(message));
        if (!result.ok) throw new Error(result.reason);
        expect(result.message).toMatchObject({ class: message.class, method: message.method });
        expect([...result.message.transactionId]).toEqual([...message.transactionId]);
        expect(result.message.attributes.map(({ type, value }) => [type, [...value]])).toEqual(
          message.attributes.map(({ type, value }) => [type, [...value]]),
        );
        expect(verifyIntegrity(result.message, KEY)).toBe(message.integrity !== undefined);
        expect(fingerprintIsRight(result.message)).toBe(true);
        expect(result.message.fingerprint !== undefined).toBe(message.fingerprint);
      }),
    );
  });

  it('is refused when cut anywhere', () => {
    fc.assert(
      fc.property(outgoing, fc.nat(), (message, cut) => {
        const bytes = encodeMessage(message);
        expect(decodeMessage(bytes.subarray(0, cut % bytes.length)).ok).toBe(false);
      }),
    );
  });

  it('is refused with too many attributes', () => {
    const attribute = { type: ATTRIBUTE.software, value: Buffer.alloc(0) };
    const withCount = (count: number) =>
      decodeMessage(
        encodeMessage({
          class: 0,
          method: 1,
          transactionId: Buffer.alloc(12),
          attributes: Array.from({ length: count }, () => attribute),
        }),
      );
    expect(withCount(MAX_ATTRIBUTES).ok).toBe(true);
    expect(withCount(MAX_ATTRIBUTES + 1)).toEqual({ ok: false, reason: 'too-many-attributes' });
  });

  it('ignores attributes behind its integrity (RFC 8489 §14.5)', () => {
    const sealed = encodeMessage({
      class: 0,
      method: 3,
      transactionId: Buffer.alloc(12),
      attributes: [],
      integrity: { algorithm: 'sha1', key: KEY },
    });
    const bytes = Buffer.concat([sealed, Buffer.from([0x00, 0x0d, 0, 4, 0, 0, 0, 9])]);
    bytes.writeUInt16BE(bytes.length - 20, 2);
    const result = decodeMessage(bytes);
    if (!result.ok) throw new Error(result.reason);
    expect(attributeOf(result.message, ATTRIBUTE.lifetime)).toBeUndefined();
    expect(verifyIntegrity(result.message, KEY)).toBe(true);
  });

  it('ignores attributes behind its fingerprint (RFC 8489 §14.7)', () => {
    const sealed = encodeMessage({
      class: 0,
      method: 3,
      transactionId: Buffer.alloc(12),
      attributes: [],
      fingerprint: true,
    });
    const bytes = Buffer.concat([sealed, Buffer.from([0x00, 0x0d, 0, 4, 0, 0, 0, 9]), sealed.subarray(20)]);
    bytes.writeUInt16BE(bytes.length - 20, 2);
    const result = decodeMessage(bytes);
    if (!result.ok) throw new Error(result.reason);
    expect(result.message.attributes).toEqual([]);
    expect(result.message.fingerprint?.offset).toBe(20);
  });

  it('is refused where an attribute reaches past its end', () => {
    const bytes = encodeMessage({
      class: 0,
      method: 3,
      transactionId: Buffer.alloc(12),
      attributes: [{ type: ATTRIBUTE.lifetime, value: Buffer.alloc(4) }],
    });
    bytes.writeUInt16BE(5, 22);
    expect(decodeMessage(bytes)).toEqual({ ok: false, reason: 'truncated-attribute' });
  });

  it('takes the first of repeated attributes (RFC 8489 §14)', () => {
    const attributes = [1, 2].map((value) => ({ type: ATTRIBUTE.lifetime, value: Buffer.from([0, 0, 0, value]) }));
    const result = decodeMessage(encodeMessage({ class: 0, method: 3, transactionId: Buffer.alloc(12), attributes }));
    if (!result.ok) throw new Error(result.reason);
    expect(attributeOf(result.message, ATTRIBUTE.lifetime)).toEqual(Buffer.from([0, 0, 0, 1]));
  });

  it('with a wrong fingerprint is told', () => {
    const bytes = encodeMessage({
      class: 0,
      method: 1,
      transactionId: Buffer.alloc(12),
      attributes: [],
      fingerprint: true,
    });
    bytes[9] = 1;
    const result = decodeMessage(bytes);
    if (!result.ok) throw new Error(result.reason);
    expect(fingerprintIsRight(result.message)).toBe(false);
  });
});
