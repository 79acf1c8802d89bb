import type { Libc } from './libc.ts';

/** `struct mmsghdr` and `struct iovec` of Linux on 64 bits: their sizes and where fields stand, in 32-bit words. */
const MESSAGE_WORDS = 16;
const FIELD = { name: 0, nameBytes: 2, pieces: 4, pieceCount: 6, control: 8, controlBytes: 10, transferred: 14 };
const PIECE_WORDS = 4;
const WORD_BYTES = 4;

/** Writes a pointer; addresses of user memory are below 2^53 on every platform whose layout this is. */
const setPointer = (words: Uint32Array, at: number, address: number): void => {
  words[at] = address % 2 ** 32;
  words[at + 1] = Math.floor(address / 2 ** 32);
};

/**
 * An array of `struct mmsghdr` with the iovecs ("pieces") they point to, for `recvmmsg` and `sendmmsg`.
 *
 * Memory safety: a message can only point to pieces of this vector, and a write beyond the arrays has no effect. What
 * pieces, names and control data point to is the caller's to keep alive.
 */
export class MessageVector {
  /** To be handed to the kernel. */
  readonly bytes: Buffer;
  readonly #messages: Uint32Array;
  readonly #pieces: Uint32Array;
  readonly #pieceCount: number;
  readonly #piecesAt: number;

  constructor(options: { libc: Libc; messages: number; pieces: number }) {
    this.#messages = new Uint32Array(new ArrayBuffer(options.messages * MESSAGE_WORDS * WORD_BYTES));
    this.#pieces = new Uint32Array(new ArrayBuffer(options.pieces * PIECE_WORDS * WORD_BYTES));
    this.bytes = Buffer.from(this.#messages.buffer);
    this.#pieceCount = options.pieces;
    this.#piecesAt = options.libc.addressOf(Buffer.from(this.#pieces.buffer));
  }

  setPiece(index: number, at: number, bytes: number): void {
    setPointer(this.#pieces, index * PIECE_WORDS, at);
    this.#pieces[index * PIECE_WORDS + 2] = bytes;
  }

  setMessage(index: number, firstPiece: number, pieces: number): void {
    if (firstPiece < 0 || pieces < 1 || firstPiece + pieces > this.#pieceCount)
      throw new RangeError('A message points beyond its pieces.');
    const start = index * MESSAGE_WORDS;
    setPointer(this.#messages, start + FIELD.pieces, this.#piecesAt + firstPiece * PIECE_WORDS * WORD_BYTES);
    this.#messages[start + FIELD.pieceCount] = pieces;
  }

  /** Address zero: without a name. */
  setName(index: number, at: number, bytes: number): void {
    setPointer(this.#messages, index * MESSAGE_WORDS + FIELD.name, at);
    this.setNameBytes(index, bytes);
  }

  setNameBytes(index: number, bytes: number): void {
    this.#messages[index * MESSAGE_WORDS + FIELD.nameBytes] = bytes;
  }

  nameBytes(index: number): number {
    return this.#messages[index * MESSAGE_WORDS + FIELD.nameBytes] ?? 0;
  }

  /** Address zero: without control data. */
  setControl(index: number, at: number, bytes: number): void {
    setPointer(this.#messages, index * MESSAGE_WORDS + FIELD.control, at);
    this.#messages[index * MESSAGE_WORDS + FIELD.controlBytes] = bytes;
  }

  /** Bytes that the kernel received for a message. */
  transferred(index: number): number {
    return this.#messages[index * MESSAGE_WORDS + FIELD.transferred] ?? 0;
  }
}
