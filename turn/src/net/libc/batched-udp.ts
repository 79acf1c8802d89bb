import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { getSystemErrorName } from 'node:util';
import type { TransportAddress } from '../../wire/ip.ts';
import { NodeUdpSocket, newSocket, onErrorCode } from '../node-udp.ts';
import { Senders } from '../senders.ts';
import { RECEIVE_BUFFER_BYTES, type Udp, type UdpOptions, type UdpSocket } from '../udp.ts';
import type { Libc } from './libc.ts';
import { ReceiveSlab } from './receive-slab.ts';
import { type CollectedDatagram, SEND_SLOT_BYTES, type Sender, SendSlab } from './send-slab.ts';

/** What all sockets of a thread share. */
interface Shared {
  readonly slab: ReceiveSlab;
  readonly senders: Senders;
  /** Behind the datagrams of a batch, whose memory is used again then. */
  readonly onBatchEnd: () => void;
  readonly collect: (sender: Sender, pieces: readonly Buffer[], to: TransportAddress | undefined) => void;
  readonly flush: () => void;
}

const sizeOf = (pieces: readonly Buffer[]): number => {
  let size = 0;
  for (const piece of pieces) size += piece.length;
  return size;
};

/** A socket whose datagrams come and go by many at a time. Node waits for it, connects it and closes it. */
class BatchedSocket implements UdpSocket, Sender {
  readonly port: number;
  readonly waiting: number[] = [];
  fd: number | undefined;
  segments = true;
  readonly #node: NodeUdpSocket;
  readonly #options: UdpOptions;
  readonly #shared: Shared;
  /** Node keeps datagrams that the kernel would not take; later ones queue behind them. */
  #isQueueing = false;

  constructor(fd: number, socket: Socket, options: { udp: UdpOptions; shared: Shared }) {
    this.fd = fd;
    this.#options = options.udp;
    this.#shared = options.shared;
    this.#node = new NodeUdpSocket(socket);
    this.port = this.#node.port;
    const { family, onDatagram, onError } = options.udp;
    socket.on('message', (data, info) => {
      onDatagram(data, this.#shared.senders.named(family, info));
      this.#takeRest();
    });
    onErrorCode(socket, onError);
  }

  /** Node has read the first datagram; what waits behind it is taken with one call. */
  #takeRest(): void {
    if (this.fd === undefined) return;
    const { slab, onBatchEnd } = this.#shared;
    const count = slab.receive(this.fd);
    for (let slot = 0; slot < count; slot += 1) this.#options.onDatagram(slab.data(slot), slab.sender(slot));
    if (count > 0) onBatchEnd();
  }

  send(pieces: readonly Buffer[], to: TransportAddress | undefined): boolean {
    if (this.fd === undefined) return false;
    if (this.#isQueueing) this.#isQueueing = this.#node.isWaiting;
    if (!this.#isQueueing && sizeOf(pieces) <= SEND_SLOT_BYTES) {
      this.#shared.collect(this, pieces, to);
      return true;
    }
    this.#shared.flush();
    return this.#node.send(
      pieces.map((piece) => Buffer.from(piece)),
      to,
    );
  }

  onFull(rest: readonly CollectedDatagram[]): void {
    this.#isQueueing = true;
    for (const { data, to } of rest) this.#node.send([Buffer.from(data)], to);
  }

  onRefused(errno: number): void {
    this.#options.onError(getSystemErrorName(-errno));
  }

  connect(peer: TransportAddress): boolean {
    this.#shared.flush();
    return this.#node.connect(peer);
  }

  disconnect(): void {
    this.#shared.flush();
    this.#node.disconnect();
  }

  close(): void {
    this.fd = undefined;
    this.#node.close();
  }
}

/** Gives the descriptor to a socket of Node's, which closes it from now on. */
const adopt = async (fd: number, options: UdpOptions): Promise<Socket> => {
  const socket = newSocket(options.family);
  const listening = once(socket, 'listening');
  socket.bind({ fd, exclusive: true });
  await listening;
  socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  return socket;
};

/** `onBatchEnd` is called behind each batch of datagrams of any of its sockets: their memory is used again then. */
export const batchedUdp = (libc: Libc, onBatchEnd: () => void): Udp => {
  const toSend = new SendSlab(libc);
  const senders = new Senders();
  let isScheduled = false;
  const shared: Shared = {
    slab: new ReceiveSlab(libc, senders),
    senders,
    onBatchEnd,
    flush: () => toSend.flush(),
    collect: (sender, pieces, to) => {
      if (toSend.isFull) toSend.flush();
      toSend.collect(sender, pieces, to);
      if (isScheduled) return;
      isScheduled = true;
      // After the poll phase, so that everything that arrived together leaves together.
      setImmediate(() => {
        isScheduled = false;
        toSend.flush();
      });
    },
  };
  return {
    kind: 'batched',
    flush: shared.flush,
    open: async (udp) => {
      const fd = libc.openUdp({ ...udp, reusePort: udp.reusePort ?? false });
      const socket = await adopt(fd, udp).catch((cause) => {
        libc.close(fd);
        throw cause;
      });
      return new BatchedSocket(fd, socket, { udp, shared });
    },
  };
};
