import { constants } from 'node:os';
import type { TransportAddress } from '../../wire/ip.ts';
import type { Libc } from './libc.ts';
import { MessageVector } from './message-vector.ts';
import { encodeSocketAddress, SOCKET_ADDRESS_BYTES } from './socket-address.ts';

/** Datagrams that wait at most; with the last one all are sent. */
export const SEND_SLOTS = 256;
/** Addresses whose bytes are kept; beyond it they are forgotten and made again. */
const MAX_ENCODED = 8192;
/** Longer datagrams go their own way. */
export const SEND_SLOT_BYTES = 2048;

/** Datagrams of one size to one receiver travel as one as far as they can (UDP generic segmentation offload). */
const MAX_SEGMENTS = 64;
const MAX_SEGMENTED_BYTES = 64_000;
/** `struct cmsghdr` with a `uint16_t` behind it: length, `SOL_UDP`, `UDP_SEGMENT`, padded. */
const CONTROL_BYTES = 24;
const CONTROL_LENGTH = 18;
const SOL_UDP = 17;
const UDP_SEGMENT = 103;

const { EAGAIN, EINVAL, EIO, EMSGSIZE, ENOBUFS, EOPNOTSUPP } = constants.errno;
/** What the kernel says of segments where the way to the receiver cannot have them. */
const NO_SEGMENTS = new Set([EINVAL, EIO, EMSGSIZE, EOPNOTSUPP]);

export interface CollectedDatagram {
  /** Valid during the call that it is handed to. */
  readonly data: Buffer;
  /** Undefined: to whom the socket is connected. */
  readonly to: TransportAddress | undefined;
}

/** A socket as the slab sees it. */
export interface Sender {
  /** Slots that wait, in their order. */
  readonly waiting: number[];
  /** Undefined once it is closed. */
  readonly fd: number | undefined;
  /** Whether segmentation may be tried. */
  segments: boolean;
  /** The kernel takes no more for now; these are left over, in their order. */
  onFull(rest: readonly CollectedDatagram[]): void;
  /** One datagram was refused, for a reason of its own or of the socket's. */
  onRefused(errno: number): void;
}

/**
 * Collects datagrams of all sockets of a thread and sends what waits in one socket with one call.
 *
 * Memory safety: the kernel reads from the four buffers below and nowhere else. A datagram is copied into a slot of its
 * own when it is collected and never longer than that slot (`copy` ends where the slot does); names and control data
 * have one place for each slot and message; the addresses of all are those of buffers that live as long as the slab. A
 * closed socket has no descriptor here, so what still waits for it cannot reach one that took its number.
 */
export class SendSlab {
  readonly #libc: Libc;
  readonly #data = Buffer.allocUnsafeSlow(SEND_SLOTS * SEND_SLOT_BYTES);
  readonly #names = Buffer.alloc(SEND_SLOTS * SOCKET_ADDRESS_BYTES);
  readonly #controls = Buffer.alloc(SEND_SLOTS * CONTROL_BYTES);
  readonly #messages: MessageVector;
  readonly #at: { readonly data: number; readonly names: number; readonly controls: number };
  readonly #bytes = new Uint16Array(SEND_SLOTS);
  /** By slot; the same object for the same receiver. */
  readonly #to: (TransportAddress | undefined)[] = Array.from({ length: SEND_SLOTS }, () => undefined);
  readonly #encoded = new Map<TransportAddress, Buffer>();
  readonly #senders: Sender[] = [];
  /** By message of the call under way: its first slot's place among those that wait. */
  readonly #firsts = new Uint16Array(SEND_SLOTS + 1);
  #used = 0;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#messages = new MessageVector({ libc, messages: SEND_SLOTS, pieces: SEND_SLOTS });
    this.#at = {
      data: libc.addressOf(this.#data),
      names: libc.addressOf(this.#names),
      controls: libc.addressOf(this.#controls),
    };
    for (let message = 0; message < SEND_SLOTS; message += 1) {
      const start = message * CONTROL_BYTES;
      this.#controls.writeUInt32LE(CONTROL_LENGTH, start);
      this.#controls.writeInt32LE(SOL_UDP, start + 8);
      this.#controls.writeInt32LE(UDP_SEGMENT, start + 12);
    }
  }

  get isEmpty(): boolean {
    return this.#used === 0;
  }

  get isFull(): boolean {
    return this.#used === SEND_SLOTS;
  }

  /** Takes a copy. There has to be room, and the pieces have to fit a slot. */
  collect(sender: Sender, pieces: readonly Buffer[], to: TransportAddress | undefined): void {
    const slot = this.#used;
    this.#used += 1;
    const start = slot * SEND_SLOT_BYTES;
    let end = start;
    for (const piece of pieces) end += piece.copy(this.#data, end, 0, start + SEND_SLOT_BYTES - end);
    this.#bytes[slot] = end - start;
    this.#to[slot] = to;
    if (sender.waiting.length === 0) this.#senders.push(sender);
    sender.waiting.push(slot);
  }

  /** Sends all that waits. */
  flush(): void {
    for (const sender of this.#senders) {
      if (sender.fd !== undefined) this.#send(sender, sender.fd);
      sender.waiting.length = 0;
    }
    this.#senders.length = 0;
    this.#used = 0;
  }

  #send(sender: Sender, fd: number): void {
    const { waiting } = sender;
    let next = 0;
    let retriedAt = -1;
    while (next < waiting.length) {
      const count = this.#arrange(sender, next);
      const sent = this.#libc.sendMessages(fd, this.#messages.bytes, count);
      if (sent > 0) {
        next = this.#firsts[sent] ?? waiting.length;
        continue;
      }
      const errno = this.#libc.errno();
      const behindFirst = this.#firsts[1] ?? waiting.length;
      if (errno === EAGAIN || errno === ENOBUFS) {
        sender.onFull(waiting.slice(next).map((slot) => this.#datagram(slot)));
        return;
      }
      if (behindFirst - next > 1 && NO_SEGMENTS.has(errno)) sender.segments = false;
      else if (retriedAt < next) {
        // An error may be that of an earlier datagram, told now (ICMP) and thereby forgotten.
        retriedAt = next;
      } else {
        sender.onRefused(errno);
        next = behindFirst;
      }
    }
  }

  #datagram(slot: number): CollectedDatagram {
    const start = slot * SEND_SLOT_BYTES;
    return { data: this.#data.subarray(start, start + (this.#bytes[slot] ?? 0)), to: this.#to[slot] };
  }

  /** Writes down what waits from the place `from` on. Answers how many messages that makes. */
  #arrange(sender: Sender, from: number): number {
    const { waiting } = sender;
    let count = 0;
    for (let next = from; next < waiting.length; count += 1) {
      const run = sender.segments ? this.#runFrom(waiting, next) : 1;
      this.#firsts[count] = next;
      this.#writeMessage(count, waiting, next, run);
      next += run;
    }
    this.#firsts[count] = waiting.length;
    return count;
  }

  #writeMessage(message: number, waiting: readonly number[], first: number, run: number): void {
    for (let place = first; place < first + run; place += 1) {
      const slot = waiting[place] ?? 0;
      this.#messages.setPiece(place, this.#at.data + slot * SEND_SLOT_BYTES, this.#bytes[slot] ?? 0);
    }
    this.#messages.setMessage(message, first, run);
    const slot = waiting[first] ?? 0;
    const to = this.#to[slot];
    if (to === undefined) this.#messages.setName(message, 0, 0);
    else {
      const bytes = this.#encode(to).copy(this.#names, message * SOCKET_ADDRESS_BYTES, 0, SOCKET_ADDRESS_BYTES);
      this.#messages.setName(message, this.#at.names + message * SOCKET_ADDRESS_BYTES, bytes);
    }
    if (run === 1) this.#messages.setControl(message, 0, 0);
    else {
      this.#controls.writeUInt16LE(this.#bytes[slot] ?? 0, message * CONTROL_BYTES + 16);
      this.#messages.setControl(message, this.#at.controls + message * CONTROL_BYTES, CONTROL_BYTES);
    }
  }

  /** How many datagrams from that place on may travel as one: one receiver, one size, the last one no longer. */
  #runFrom(waiting: readonly number[], first: number): number {
    const slot = waiting[first] ?? 0;
    const size = this.#bytes[slot] ?? 0;
    const to = this.#to[slot];
    let total = size;
    let run = 1;
    for (; run < MAX_SEGMENTS && first + run < waiting.length; run += 1) {
      const other = waiting[first + run] ?? 0;
      const bytes = this.#bytes[other] ?? 0;
      total += bytes;
      if (this.#to[other] !== to || bytes > size || bytes === 0 || total > MAX_SEGMENTED_BYTES) return run;
      if (bytes < size) return run + 1;
    }
    return run;
  }

  #encode(address: TransportAddress): Buffer {
    const known = this.#encoded.get(address);
    if (known !== undefined) return known;
    const encoded = encodeSocketAddress(address);
    if (this.#encoded.size >= MAX_ENCODED) this.#encoded.clear();
    this.#encoded.set(address, encoded);
    return encoded;
  }
}
