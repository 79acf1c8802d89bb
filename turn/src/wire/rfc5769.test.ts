import { expect, it } from 'vitest';
import { ATTRIBUTE } from './attribute-types.ts';
import { decodeText } from './attributes/text.ts';
import { decodeXorAddress, encodeXorAddress } from './attributes/xor-address.ts';
import { encodeMessage } from './encode.ts';
import { longTermKey, PASSWORD_ALGORITHM, userhashOf } from './keys.ts';
import { attributeOf, decodeMessage, type StunMessage } from './message.ts';
import { MESSAGE_CLASS, METHOD } from './methods.ts';
import { fingerprintIsRight, verifyIntegrity } from './seals.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
const decoded = (bytes: Buffer): StunMessage => {
  const result = decodeMessage(bytes);
  if (!result.ok) throw new Error(result.reason);
  return result.message;
};
const text = (message: StunMessage, type: number): string | undefined =>
  decodeText(attributeOf(message, type) ?? Buffer.alloc(0), 763);

const SHORT_TERM_KEY = Buffer.from('VOkJxbRl1RmTxUk/WvJxBt');
const TRANSACTION_ID = hex('b7e7a701bc34d686fa87dfae');

const SAMPLE_REQUEST = hex(`
  00010058 2112a442 b7e7a701 bc34d686 fa87dfae 80220010 5354554e 20746573 7420636c 69656e74
  00240004 6e0001ff 80290008 932ff9b1 51263b36 00060009 6576746a 3a683676 59202020
  00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2 80280004 e57a3bcf`);
const IPV4_RESPONSE = hex(`
  0101003c 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220
  00200008 0001a147 e112a643 00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7 80280004 c07d4c96`);
const IPV6_RESPONSE = hex(`
  01010048 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220
  00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9
  00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41 80280004 c8fb0b4c`);
const LONG_TERM_REQUEST = hex(`
  00010060 2112a442 78ad3433 c6ad72c0 29da412e 00060012 e3839ee3 8388e383 aae38383 e382afe3 82b90000
  0015001c 662f2f34 39396b39 35346436 4f4c3334 6f4c3946 53547679 36347341
  0014000b 6578616d 706c652e 6f726700 00080014 f6702465 6dd64a3e 02b8e071 2e85c9a2 8ca89666`);
const SHA256_REQUEST = hex(`
  00010090 2112a442 78ad3433 c6ad72c0 29da412e 001e0020 4a3cf38f ef6992bd a952c678 0417da0f 24819415 569e60b2 05c46e41 407f1704
  00150029 6f624d61 744a6f73 32414141 43662f2f 3439396b 39353464 364f4c33 346f4c39 46535476 79363473 41000000
  0014000b 6578616d 706c652e 6f726700 001d0004 00020000
  001c0020 b5c7bf00 5b6c52a2 1c51c5e8 92f81924 136296cb 927c4314 9309278c c6518e65`);

it('RFC 5769 §2.1: sample request', () => {
  const message = decoded(SAMPLE_REQUEST);
  expect(message).toMatchObject({ class: MESSAGE_CLASS.request, method: METHOD.binding });
  expect(text(message, ATTRIBUTE.software)).toBe('STUN test client');
  expect(text(message, ATTRIBUTE.username)).toBe('evtj:h6vY');
  expect(verifyIntegrity(message, SHORT_TERM_KEY)).toBe(true);
  expect(verifyIntegrity(message, Buffer.from('another key'))).toBe(false);
  expect(fingerprintIsRight(message)).toBe(true);
});

it.each([
  ['§2.2', IPV4_RESPONSE, { family: 4 as const, ip: '192.0.2.1', port: 32_853 }],
  ['§2.3', IPV6_RESPONSE, { family: 6 as const, ip: '2001:db8:1234:5678:11:2233:4455:6677', port: 32_853 }],
])('RFC 5769 %s: sample response, read and written', (_section, bytes, address) => {
  const message = decoded(bytes);
  expect(message).toMatchObject({ class: MESSAGE_CLASS.success, method: METHOD.binding });
  expect(decodeXorAddress(attributeOf(message, ATTRIBUTE.xorMappedAddress) ?? Buffer.alloc(0), TRANSACTION_ID)).toEqual(
    address,
  );
  expect(verifyIntegrity(message, SHORT_TERM_KEY)).toBe(true);
  expect(fingerprintIsRight(message)).toBe(true);

  // The vector pads with blanks where we pad with zeros, so it is compared without SOFTWARE's sealed padding.
  const again = decoded(
    encodeMessage({
      class: MESSAGE_CLASS.success,
      method: METHOD.binding,
      transactionId: TRANSACTION_ID,
      attributes: [{ type: ATTRIBUTE.xorMappedAddress, value: encodeXorAddress(address, TRANSACTION_ID) }],
      integrity: { algorithm: 'sha1', key: SHORT_TERM_KEY },
      fingerprint: true,
    }),
  );
  expect(attributeOf(again, ATTRIBUTE.xorMappedAddress)).toEqual(attributeOf(message, ATTRIBUTE.xorMappedAddress));
  expect(verifyIntegrity(again, SHORT_TERM_KEY)).toBe(true);
  expect(fingerprintIsRight(again)).toBe(true);
});

it('RFC 5769 §2.4: sample request with long-term authentication', () => {
  const message = decoded(LONG_TERM_REQUEST);
  const username = text(message, ATTRIBUTE.username) ?? '';
  const realm = text(message, ATTRIBUTE.realm) ?? '';
  expect([username, realm, text(message, ATTRIBUTE.nonce)]).toEqual([
    'マトリックス',
    'example.org',
    'f//499k954d6OL34oL9FSTvy64sA',
  ]);
  expect(
    verifyIntegrity(message, longTermKey(PASSWORD_ALGORITHM.md5, { username, realm, password: 'TheMatrIX' })),
  ).toBe(true);
});

it('RFC 8489 appendix B.1: sample request with MESSAGE-INTEGRITY-SHA256 and USERHASH', () => {
  const message = decoded(SHA256_REQUEST);
  const username = 'マトリックス';
  const realm = text(message, ATTRIBUTE.realm) ?? '';
  expect(text(message, ATTRIBUTE.nonce)).toBe('obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA');
  expect(attributeOf(message, ATTRIBUTE.userhash)).toEqual(userhashOf(username, realm));
  expect(
    verifyIntegrity(message, longTermKey(PASSWORD_ALGORITHM.sha256, { username, realm, password: 'TheMatrIX' })),
  ).toBe(true);
});

it('a changed byte anywhere before the seals is noticed', () => {
  for (let index = 0; index < SAMPLE_REQUEST.length - 32; index += 1) {
    const bytes = Buffer.from(SAMPLE_REQUEST);
    bytes[index] = (bytes[index] ?? 0) ^ 0x01;
    const result = decodeMessage(bytes);
    if (!result.ok) continue;
    expect([index, verifyIntegrity(result.message, SHORT_TERM_KEY)]).toEqual([index, false]);
  }
});
