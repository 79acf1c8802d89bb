import { ATTRIBUTE } from '../wire/attribute-types.ts';
import { encodeErrorCode, type StunErrorCode } from '../wire/attributes/error-code.ts';
import { encodeUnknownAttributes } from '../wire/attributes/numbers.ts';
import { encodeXorAddress } from '../wire/attributes/xor-address.ts';
import { encodeMessage, type OutgoingAttribute } from '../wire/encode.ts';
import type { StunMessage } from '../wire/message.ts';
import { MESSAGE_CLASS } from '../wire/methods.ts';
import { type Identity, OFFERED_ALGORITHMS_VALUE } from './authentication.ts';
import type { Client } from './client.ts';

/** What an answer repeats of its request. */
export interface Asked {
  readonly method: number;
  readonly transactionId: Buffer;
  /** The request had a FINGERPRINT; then its answer has one (RFC 8489 §7). */
  readonly fingerprint: boolean;
}

export const askedBy = (message: StunMessage): Asked => ({
  method: message.method,
  transactionId: message.transactionId,
  fingerprint: message.fingerprint !== undefined,
});

export const successAnswer = (
  asked: Asked,
  attributes: readonly OutgoingAttribute[],
  integrity: Identity['integrity'] | undefined,
): Buffer => encodeMessage({ class: MESSAGE_CLASS.success, ...asked, attributes, integrity });

export const errorAnswer = (
  asked: Asked,
  options: {
    code: StunErrorCode;
    attributes?: readonly OutgoingAttribute[];
    integrity?: Identity['integrity'] | undefined;
  },
): Buffer =>
  encodeMessage({
    class: MESSAGE_CLASS.error,
    ...asked,
    attributes: [{ type: ATTRIBUTE.errorCode, value: encodeErrorCode(options.code) }, ...(options.attributes ?? [])],
    integrity: options.integrity,
  });

/** RFC 8489 §6.3.1: 420 lists what was not understood. */
export const unknownAttributesAnswer = (
  asked: Asked,
  types: readonly number[],
  integrity?: Identity['integrity'],
): Buffer =>
  errorAnswer(asked, {
    code: 420,
    attributes: [{ type: ATTRIBUTE.unknownAttributes, value: encodeUnknownAttributes(types) }],
    integrity,
  });

/** RFC 8489 §9.2.4: 401 and 438 tell the realm, a nonce and the password algorithms; they are never sealed. */
export const challengeAnswer = (asked: Asked, options: { code: 401 | 438; realm: string; nonce: string }): Buffer =>
  errorAnswer(asked, {
    code: options.code,
    attributes: [
      { type: ATTRIBUTE.realm, value: Buffer.from(options.realm) },
      { type: ATTRIBUTE.nonce, value: Buffer.from(options.nonce) },
      { type: ATTRIBUTE.passwordAlgorithms, value: OFFERED_ALGORITHMS_VALUE },
    ],
  });

/** RFC 8489 §2, Binding: the address that the request came from. */
export const bindingAnswer = (asked: Asked, client: Client): Buffer =>
  successAnswer(
    asked,
    [{ type: ATTRIBUTE.xorMappedAddress, value: encodeXorAddress(client.address, asked.transactionId) }],
    undefined,
  );
