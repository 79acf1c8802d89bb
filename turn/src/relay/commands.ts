import type { StunErrorCode } from '../wire/attributes/error-code.ts';
import type { AddressFamily, TransportAddress } from '../wire/ip.ts';
import type { Client } from './client.ts';

/** One relay socket; a dual allocation has two. */
export type RelayId = number;

export type CloseReason =
  | 'expired'
  | 'released'
  | 'client-gone'
  | 'credential-expired'
  | 'revoked'
  | 'peers-changed'
  | 'relay-lost'
  | 'drained';

/** What the sockets are to do, in this order. */
export type Command =
  /** `chunks` make one message; they are views that may be overwritten after the turn. Data may be dropped, answers not. */
  | {
      readonly type: 'send-to-client';
      readonly client: Client;
      readonly chunks: readonly Buffer[];
      readonly kind: 'answer' | 'data';
    }
  | { readonly type: 'send-to-peer'; readonly relayId: RelayId; readonly peer: TransportAddress; readonly data: Buffer }
  /** To be answered with `relayOpened` or `relayFailed`. `evenPort`: only an even port will do (RFC 8656 §7.2 step 9). */
  | {
      readonly type: 'open-relay';
      readonly relayId: RelayId;
      readonly family: AddressFamily;
      readonly evenPort: boolean;
    }
  /** Only this peer is to be heard any more, or (undefined) any. */
  | { readonly type: 'focus-relay'; readonly relayId: RelayId; readonly peer: TransportAddress | undefined }
  | { readonly type: 'close-relay'; readonly relayId: RelayId }
  | { readonly type: 'allocation-opened'; readonly client: Client }
  | { readonly type: 'allocation-closed'; readonly client: Client; readonly reason: CloseReason }
  | { readonly type: 'request-refused'; readonly client: Client; readonly code: StunErrorCode };

export const NO_COMMANDS: readonly Command[] = [];
