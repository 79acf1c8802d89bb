import { createSocket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { ATTRIBUTE } from '../../src/wire/attribute-types.ts';
import { channelDataChunks, decodeChannelData } from '../../src/wire/channel-data.ts';
import type { TransportAddress } from '../../src/wire/ip.ts';
import type { StunMessage } from '../../src/wire/message.ts';
import { METHOD } from '../../src/wire/methods.ts';
import { MAX_FRAME_BYTES, StreamFramer } from '../../src/wire/stream-framer.ts';
import {
  type AttributeMaker,
  address,
  addressOf,
  attribute,
  codeOf,
  parse,
  RequestWriter,
  type WriterOptions,
} from './turn-requests.ts';

/** How a client's bytes travel. */
export interface Wire {
  send(bytes: Buffer): void;
  close(): void;
  readonly stream: Duplex | undefined;
}

/** What is in a frame, or data of one, only holds until the handler returns where the wire says so. */
export interface ClientEvents {
  frame: [Buffer];
  data: [{ from: number | TransportAddress; data: Buffer }];
  close: [];
}

const ANSWER_MS = 30_000;

export interface WireOptions {
  readonly transport: 'udp' | 'tcp' | 'tls';
  readonly port: number;
  readonly ip?: string;
  readonly ca?: string;
}
/** Frames are given to `events`; a STUN message has to last. */
export type OpenWire = (options: WireOptions, events: EventEmitter<ClientEvents>) => Promise<Wire>;

const openNodeWire: OpenWire = async (options, events) => {
  const ip = options.ip ?? '127.0.0.1';
  if (options.transport === 'udp') {
    const socket = createSocket(ip.includes(':') ? 'udp6' : 'udp4');
    socket.connect(options.port, ip);
    await once(socket, 'connect');
    socket.on('message', (bytes) => events.emit('frame', bytes));
    socket.on('error', () => {});
    return { send: (bytes) => socket.send(bytes), close: () => socket.close(), stream: undefined };
  }
  const stream =
    options.transport === 'tcp'
      ? connect({ port: options.port, host: ip, noDelay: true })
      : connectTls({
          port: options.port,
          host: ip,
          ...(options.ca === undefined ? { rejectUnauthorized: false } : { ca: options.ca, servername: 'localhost' }),
        });
  await once(stream, options.transport === 'tcp' ? 'connect' : 'secureConnect');
  const framer = new StreamFramer({ maxFrameBytes: MAX_FRAME_BYTES });
  stream.on('data', (chunk: Buffer) => framer.push(chunk, (frame) => events.emit('frame', frame)));
  stream.on('error', () => {});
  stream.on('close', () => events.emit('close'));
  return { send: (bytes) => void stream.write(bytes), close: () => stream.destroy(), stream };
};

/** A TURN client for tests, over any of the transports. Written for them alone: it repeats nothing and hides nothing. */
export class TurnClient implements Disposable {
  readonly events = new EventEmitter<ClientEvents>();
  readonly writer: RequestWriter;
  readonly #wire: Wire;
  readonly #waiting = new Map<string, (answer: StunMessage) => void>();

  private constructor(writer: RequestWriter, wire: Wire, events: EventEmitter<ClientEvents>) {
    this.writer = writer;
    this.#wire = wire;
    this.events = events;
    events.on('frame', (frame) => this.#onFrame(frame));
  }

  static async open(options: WriterOptions & WireOptions, openWire: OpenWire = openNodeWire): Promise<TurnClient> {
    const events = new EventEmitter<ClientEvents>();
    return new TurnClient(new RequestWriter(options), await openWire(options, events), events);
  }

  get stream(): Duplex | undefined {
    return this.#wire.stream;
  }

  #onFrame(frame: Buffer): void {
    if ((frame[0] ?? 0) >= 0x40) {
      const message = decodeChannelData(frame);
      if (message !== undefined) this.events.emit('data', { from: message.channel, data: message.data });
      return;
    }
    const message = parse(frame);
    if (message.method === METHOD.data) {
      const data = message.attributes.find(({ type }) => type === ATTRIBUTE.data)?.value ?? Buffer.alloc(0);
      this.events.emit('data', { from: addressOf(message, ATTRIBUTE.xorPeerAddress) ?? address('0.0.0.0', 0), data });
      return;
    }
    this.#waiting.get(message.transactionId.toString('hex'))?.(message);
  }

  /** The answer; throws where none comes within `ANSWER_MS`. */
  async send(bytes: Buffer): Promise<StunMessage> {
    const key = bytes.subarray(8, 20).toString('hex');
    const { promise, resolve, reject } = Promise.withResolvers<StunMessage>();
    const timer = setTimeout(() => reject(new Error('No answer came.')), ANSWER_MS);
    this.#waiting.set(key, resolve);
    this.#wire.send(bytes);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(key);
    }
  }

  sendRaw(bytes: Buffer): void {
    this.#wire.send(bytes);
  }

  request(method: number, attributes: readonly AttributeMaker[] = []): Promise<StunMessage> {
    return this.send(this.writer.write(method, attributes));
  }

  /** Takes the challenge and allocates. The code of the answer, 0 for success. */
  async allocate(attributes: readonly AttributeMaker[] = []): Promise<number> {
    if (this.writer.realm === undefined) this.writer.learn(await this.request(METHOD.allocate, [attribute.udp]));
    return codeOf(await this.request(METHOD.allocate, [attribute.udp, ...attributes]));
  }

  async bind(channel: number, peer: TransportAddress): Promise<number> {
    return codeOf(await this.request(METHOD.channelBind, [attribute.channel(channel), attribute.peer(peer)]));
  }

  async permit(peer: TransportAddress): Promise<number> {
    return codeOf(await this.request(METHOD.createPermission, [attribute.peer(peer)]));
  }

  sendChannel(channel: number, data: Buffer): void {
    this.#wire.send(Buffer.concat(channelDataChunks(channel, data, this.#wire.stream !== undefined)));
  }

  sendIndication(peer: TransportAddress, data: Buffer): void {
    this.#wire.send(this.writer.indication(METHOD.send, [attribute.peer(peer), attribute.data(data)]));
  }

  /** Data that arrives next; throws where none comes within `ANSWER_MS`. */
  async nextData(): Promise<Buffer> {
    const [message] = await once(this.events, 'data', { signal: AbortSignal.timeout(ANSWER_MS) });
    return message.data;
  }

  close(): void {
    this.#wire.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
