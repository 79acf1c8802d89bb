import { ATTRIBUTE } from '../wire/attribute-types.ts';
import { encodeAddressErrorCode } from '../wire/attributes/error-code.ts';
import { encodeUInt32 } from '../wire/attributes/numbers.ts';
import { encodeXorAddress } from '../wire/attributes/xor-address.ts';
import type { OutgoingAttribute } from '../wire/encode.ts';
import { METHOD } from '../wire/methods.ts';
import { Allocation, type RelayEnd } from './allocation.ts';
import { type Asked, errorAnswer, successAnswer } from './answers.ts';
import type { Command } from './commands.ts';
import type { AllocationRegistry, PendingAllocation } from './registry.ts';

/** RFC 8656 §7.2, the success response: relayed addresses, lifetime, the client's own address. */
const successAttributes = (pending: PendingAllocation): OutgoingAttribute[] => [
  ...pending.ends.map((end): OutgoingAttribute => {
    if (end.state === 'open')
      return { type: ATTRIBUTE.xorRelayedAddress, value: encodeXorAddress(end.address, pending.transactionId) };
    const code = end.state === 'failed' ? end.code : 508;
    return { type: ATTRIBUTE.addressErrorCode, value: encodeAddressErrorCode(end.family, code) };
  }),
  { type: ATTRIBUTE.lifetime, value: encodeUInt32(pending.lifetimeSeconds) },
  { type: ATTRIBUTE.xorMappedAddress, value: encodeXorAddress(pending.client.address, pending.transactionId) },
];

/**
 * Answers an Allocate whose sockets are all open or known not to be had: with what there is of a dual allocation, and
 * with an error where there is nothing (RFC 8656 §7.2).
 */
export const settle = (pending: PendingAllocation, registry: AllocationRegistry, now: number): readonly Command[] => {
  if (pending.ends.some((end) => end.state === 'opening')) return [];
  const asked: Asked = {
    method: METHOD.allocate,
    transactionId: pending.transactionId,
    fingerprint: pending.fingerprint,
  };
  const { client, identity } = pending;
  const ends = pending.ends.flatMap((end): RelayEnd[] =>
    end.state === 'open'
      ? [{ relayId: end.relayId, family: end.family, address: end.address, focus: undefined, wandering: false }]
      : [],
  );
  if (ends.length === 0) {
    const code = pending.ends.find((end) => end.state === 'failed')?.code ?? 508;
    const response = errorAnswer(asked, { code, integrity: identity.integrity });
    return [
      ...registry.abandon(pending),
      { type: 'request-refused', client, code },
      { type: 'send-to-client', client, chunks: [response], kind: 'answer' },
    ];
  }
  const response = successAnswer(asked, successAttributes(pending), identity.integrity);
  registry.settle(pending);
  registry.add(
    new Allocation({
      client,
      username: identity.username,
      usage: pending.usage,
      ends,
      transactionId: pending.transactionId.toString('hex'),
      response,
      expiresAt: now + pending.lifetimeSeconds * 1000,
    }),
  );
  return [
    { type: 'allocation-opened', client },
    { type: 'send-to-client', client, chunks: [response], kind: 'answer' },
  ];
};
