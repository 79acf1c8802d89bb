import type { TransportAddress } from '../../wire/ip.ts';
import type { Senders } from '../senders.ts';
import type { Libc } from './libc.ts';
import { MessageVector } from './message-vector.ts';
import { decodeSocketAddress, SOCKET_ADDRESS_BYTES } from './socket-address.ts';

/** Datagrams taken by one call. */
export const RECEIVE_SLOTS = 64;
/** No UDP payload is longer, so none is cut off. */
const SLOT_BYTES = 65_535;
/** Slots start at ever other places of a page, so that they do not drive each other out of the processor's caches. */
const SLOT_STRIDE = 65_536 + 17 * 64;
const IPV4_NAME_BYTES = 16;

/**
 * Takes what waits in a socket with one call, into memory that is used again by the next.
 *
 * Memory safety: the kernel writes to the three buffers below and nowhere else. Every message has one slot, one iovec
 * that ends within that slot, and one name of its own; they are set once, here, from the buffers' own addresses and
 * sizes. The kernel writes at most the length given for each, and what it says of lengths is bounded again when read.
 */
export class ReceiveSlab {
  readonly #libc: Libc;
  readonly #data = Buffer.allocUnsafeSlow(RECEIVE_SLOTS * SLOT_STRIDE);
  readonly #names = Buffer.alloc(RECEIVE_SLOTS * SOCKET_ADDRESS_BYTES);
  readonly #messages: MessageVector;
  readonly #senders: Senders;
  #filled = RECEIVE_SLOTS;

  constructor(libc: Libc, senders: Senders) {
    this.#libc = libc;
    this.#senders = senders;
    this.#messages = new MessageVector({ libc, messages: RECEIVE_SLOTS, pieces: RECEIVE_SLOTS });
    const data = libc.addressOf(this.#data);
    const names = libc.addressOf(this.#names);
    for (let slot = 0; slot < RECEIVE_SLOTS; slot += 1) {
      this.#messages.setPiece(slot, data + slot * SLOT_STRIDE, SLOT_BYTES);
      this.#messages.setMessage(slot, slot, 1);
      this.#messages.setName(slot, names + slot * SOCKET_ADDRESS_BYTES, SOCKET_ADDRESS_BYTES);
    }
  }

  /** How many datagrams were taken; what an earlier call gave is gone. None where none waits, or the socket has failed. */
  receive(fd: number): number {
    // The kernel leaves the length of each name behind.
    for (let slot = 0; slot < this.#filled; slot += 1) this.#messages.setNameBytes(slot, SOCKET_ADDRESS_BYTES);
    this.#filled = Math.max(0, this.#libc.receiveMessages(fd, this.#messages.bytes, RECEIVE_SLOTS));
    return this.#filled;
  }

  /** Valid until the next `receive`. */
  data(slot: number): Buffer {
    const start = slot * SLOT_STRIDE;
    return this.#data.subarray(start, start + Math.min(this.#messages.transferred(slot), SLOT_BYTES));
  }

  /** Undefined for one that cannot be answered. */
  sender(slot: number): TransportAddress | undefined {
    const start = slot * SOCKET_ADDRESS_BYTES;
    if (this.#messages.nameBytes(slot) !== IPV4_NAME_BYTES)
      return decodeSocketAddress(this.#names.subarray(start, start + SOCKET_ADDRESS_BYTES));
    return this.#senders.ipv4(this.#names.readUInt32BE(start + 4), this.#names.readUInt16BE(start + 2));
  }
}
