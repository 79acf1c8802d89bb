import { constants } from 'node:os';
import type { Libc } from '../../src/net/libc/libc.ts';
import { decodeSocketAddress } from '../../src/net/libc/socket-address.ts';
import { addressText } from '../../src/wire/ip.ts';

/** One datagram as the kernel would have sent it. `to` is undefined on a connected socket. */
export interface SentDatagram {
  readonly fd: number;
  readonly data: string;
  readonly to: string | undefined;
}

/** What the next call does: sends at most so many messages, or fails with that `errno`. */
export type Verdict = { readonly send: number } | { readonly fail: number };

const MESSAGE_BYTES = 64;
const PIECE_BYTES = 16;

/**
 * Follows the pointers of `sendmmsg` as the kernel does. Throws where one leads anywhere but into memory whose address
 * was asked for, or reaches beyond its end.
 */
export class FakeLibc implements Libc {
  readonly sent: SentDatagram[] = [];
  /** Messages of each call, by how many segments each was cut into. */
  readonly calls: number[][] = [];
  /** Asked before each call; by default all is sent. */
  verdict: (segments: readonly number[]) => Verdict = () => ({ send: Number.POSITIVE_INFINITY });
  readonly #memories: { readonly at: number; readonly memory: Buffer }[] = [];
  #nextAt = 0x7f00_0000_0000;
  #errno = 0;

  addressOf(memory: Buffer): number {
    const at = this.#nextAt;
    // Memories never touch, so that one byte too many is noticed.
    this.#nextAt += memory.length + 4096;
    this.#memories.push({ at, memory });
    return at;
  }

  #at(address: number, bytes: number): Buffer {
    const found = this.#memories.find(({ at, memory }) => address >= at && address + bytes <= at + memory.length);
    if (found === undefined) throw new RangeError('A pointer leads astray.');
    return found.memory.subarray(address - found.at, address - found.at + bytes);
  }

  #datagrams(fd: number, message: Buffer): SentDatagram[] {
    const pointer = (offset: number): number => Number(message.readBigUInt64LE(offset));
    const nameBytes = message.readUInt32LE(8);
    const name = nameBytes === 0 ? undefined : decodeSocketAddress(this.#at(pointer(0), nameBytes));
    const to = name === undefined ? undefined : addressText(name);
    const pieces = Array.from({ length: Number(message.readBigUInt64LE(24)) }, (_, index) => {
      const piece = this.#at(pointer(16) + index * PIECE_BYTES, PIECE_BYTES);
      return this.#at(Number(piece.readBigUInt64LE(0)), Number(piece.readBigUInt64LE(8)));
    });
    const whole = Buffer.concat(pieces);
    const controlBytes = Number(message.readBigUInt64LE(40));
    const size = controlBytes === 0 ? whole.length : this.#at(pointer(32), controlBytes).readUInt16LE(16);
    const count = controlBytes === 0 ? 1 : Math.ceil(whole.length / size);
    return Array.from({ length: count }, (_, index) => ({
      fd,
      data: whole.toString('latin1', index * size, (index + 1) * size),
      to,
    }));
  }

  sendMessages(fd: number, messages: Buffer, count: number): number {
    const all = Array.from({ length: count }, (_, index) =>
      this.#datagrams(fd, messages.subarray(index * MESSAGE_BYTES, (index + 1) * MESSAGE_BYTES)),
    );
    const segments = all.map((datagrams) => datagrams.length);
    this.calls.push(segments);
    const verdict = this.verdict(segments);
    if ('fail' in verdict) {
      this.#errno = verdict.fail;
      return -1;
    }
    const sent = all.slice(0, verdict.send);
    this.sent.push(...sent.flat());
    return sent.length;
  }

  errno(): number {
    return this.#errno;
  }

  receiveMessages(): number {
    this.#errno = constants.errno.EAGAIN;
    return -1;
  }

  openUdp(): number {
    throw new Error('The fake has no sockets.');
  }

  close(): void {}
}
