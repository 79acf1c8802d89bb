import { ATTRIBUTE } from '../../wire/attribute-types.ts';
import type { StunErrorCode } from '../../wire/attributes/error-code.ts';
import { decodeXorAddress } from '../../wire/attributes/xor-address.ts';
import type { OutgoingAttribute } from '../../wire/encode.ts';
import type { TransportAddress } from '../../wire/ip.ts';
import type { StunMessage } from '../../wire/message.ts';
import type { Allocation } from '../allocation.ts';
import type { Identity } from '../authentication.ts';
import type { Client } from '../client.ts';
import type { Command } from '../commands.ts';
import type { PeerPolicy } from '../peer-policy.ts';
import type { AllocationRegistry } from '../registry.ts';

/** An authenticated request and what it is judged by. */
export interface Request {
  readonly message: StunMessage;
  readonly client: Client;
  readonly identity: Identity;
  readonly now: number;
  readonly registry: AllocationRegistry;
  readonly peers: PeerPolicy;
}

/** What becomes of a request. `commands` come before the answer. */
export type Outcome =
  | {
      readonly kind: 'success';
      readonly attributes: readonly OutgoingAttribute[];
      readonly commands: readonly Command[];
    }
  | { readonly kind: 'error'; readonly code: StunErrorCode }
  /** Bytes sent before, to be sent again. */
  | { readonly kind: 'repeat'; readonly response: Buffer }
  /** An answer follows when the sockets are there, or has been promised already. */
  | { readonly kind: 'later'; readonly commands: readonly Command[] };

export const success = (attributes: readonly OutgoingAttribute[] = [], commands: readonly Command[] = []): Outcome => ({
  kind: 'success',
  attributes,
  commands,
});
export const error = (code: StunErrorCode): Outcome => ({ kind: 'error', code });

/**
 * The allocation that a request other than Allocate is about. RFC 8656 §5: 437 where the 5-tuple has none, 441 where
 * somebody else made it.
 */
export const allocationOf = (request: Request): Allocation | { readonly refused: 437 | 441 } => {
  const allocation = request.registry.ofClient(request.client);
  if (allocation === undefined) return { refused: 437 };
  return allocation.username === request.identity.username ? allocation : { refused: 441 };
};

/** Every XOR-PEER-ADDRESS of a message; undefined where one of them cannot be read. */
export const peerAddressesOf = (message: StunMessage): readonly TransportAddress[] | undefined => {
  const peers: TransportAddress[] = [];
  for (const { type, value } of message.attributes) {
    if (type !== ATTRIBUTE.xorPeerAddress) continue;
    const peer = decodeXorAddress(value, message.transactionId);
    if (peer === undefined) return undefined;
    peers.push(peer);
  }
  return peers;
};

/** What follows from changed channels and permissions: which one peer, if any, each socket listens to. */
export const refocus = (allocation: Allocation): Command[] =>
  [...allocation.ends.values()].flatMap((end): Command[] => {
    const peer = allocation.solePeer(end);
    if (peer?.ip === end.focus?.ip && peer?.port === end.focus?.port) return [];
    end.focus = peer;
    return [{ type: 'focus-relay', relayId: end.relayId, peer }];
  });
