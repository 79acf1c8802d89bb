import { createHash, randomUUID } from 'node:crypto';
import { call, createLogger, Health, MemoryBus, Registry } from '@bedside/kit';
import {
  AppError,
  busErrors,
  type ErrorCode,
  MEDIA_METHODS,
  MediaEvent,
  type MediaOffer,
  mediaEventsSubject,
  mediaSubject,
  NODE_ANNOUNCE_SUBJECT,
  NodeAnnouncement,
  PeerId,
  PersonId,
  RoomId,
} from '@bedside/protocol';
import { z } from 'zod';
import {
  createMediaServer,
  type MediaAddress,
  type MediaServer,
  type MediaServerConfig,
  mediaServerConfig,
} from '../../src/index.ts';
import { Inbox } from './inbox.ts';

type Methods = typeof MEDIA_METHODS;
export type Asked<Name extends keyof Methods> = z.input<Methods[Name]['params']>;
type Answer<Name extends keyof Methods> = z.output<Methods[Name]['result']>;

const LogLine = z.looseObject({ event: z.string() });
type LogLine = z.infer<typeof LogLine>;

/** A media server on a memory bus, driven as signaling drives it. */
export class Rig implements AsyncDisposable {
  readonly bus: MemoryBus;
  readonly server: MediaServer;
  readonly config: MediaServerConfig;
  readonly health: Health;
  readonly registry: Registry;
  readonly events: Inbox<MediaEvent>;
  readonly announcements: Inbox<NodeAnnouncement>;
  readonly logs: Inbox<LogLine>;
  /** Each time the addresses changed. */
  readonly addresses: readonly (readonly MediaAddress[])[];

  private constructor(
    options: Pick<
      Rig,
      'bus' | 'server' | 'config' | 'health' | 'registry' | 'events' | 'announcements' | 'logs' | 'addresses'
    >,
  ) {
    this.bus = options.bus;
    this.server = options.server;
    this.config = options.config;
    this.health = options.health;
    this.registry = options.registry;
    this.events = options.events;
    this.announcements = options.announcements;
    this.logs = options.logs;
    this.addresses = options.addresses;
  }

  static async start(env: Record<string, string> = {}): Promise<Rig> {
    const config = mediaServerConfig({
      MEDIASOUP_WORKER_BIN: process.env.MEDIASOUP_WORKER_BIN,
      BEDSIDE_MEDIA_NODE_ID: 'test',
      BEDSIDE_MEDIA_WORKERS: '1',
      ...env,
    });
    const bus = new MemoryBus({
      errors: busErrors,
      onHandlerError: (error) => {
        throw error;
      },
    });
    const events = new Inbox<MediaEvent>();
    const announcements = new Inbox<NodeAnnouncement>();
    bus.subscribe(mediaEventsSubject(config.nodeId), (payload) => events.put(MediaEvent.parse(payload)));
    bus.subscribe(NODE_ANNOUNCE_SUBJECT, (payload) => announcements.put(NodeAnnouncement.parse(payload)));
    const health = new Health();
    const registry = new Registry();
    const logs = new Inbox<LogLine>();
    const log = createLogger({
      service: 'media',
      destination: { write: (line) => logs.put(LogLine.parse(JSON.parse(line))) },
    });
    const addresses: (readonly MediaAddress[])[] = [];
    const server = await createMediaServer(config, {
      bus,
      log,
      registry,
      health,
      onAddresses: (now) => addresses.push(now),
    });
    return new Rig({ bus, server, config, health, registry, events, announcements, logs, addresses });
  }

  send<Name extends keyof Methods>(name: Name, params: Asked<Name>): Promise<Answer<Name>>;
  send(name: keyof Methods, params: unknown): Promise<unknown> {
    return this.sendAnything(name, params);
  }

  /** Sends what need not fit the contract, as a stranger would. */
  sendAnything(name: keyof Methods, params: unknown): Promise<unknown> {
    const method: { subject: string; params: z.ZodType; result: z.ZodType } = MEDIA_METHODS[name];
    return call(this.bus, { ...method, subject: mediaSubject(method, this.config.nodeId) }, params, {
      errors: busErrors,
    });
  }

  /** The code that a command is refused with; `ok` when it is not. */
  async codeOf<Name extends keyof Methods>(name: Name, params: Asked<Name>): Promise<ErrorCode | 'ok'> {
    try {
      await this.send(name, params);
      return 'ok';
    } catch (error) {
      if (error instanceof AppError) return error.code;
      throw error;
    }
  }

  async openRoom(epoch = 1): Promise<{ roomId: RoomId; epoch: number }> {
    const room = { roomId: RoomId.parse(randomUUID()), epoch };
    await this.send('openRoom', room);
    return room;
  }

  async openPeer(room: { roomId: RoomId; epoch: number }, options: Partial<Asked<'openPeer'>> = {}): Promise<TestPeer> {
    const address = { ...room, peerId: PeerId.parse(randomUUID()) };
    const personId = PersonId.parse(randomUUID());
    const offer = await this.send('openPeer', { ...address, personId, ...everything(), ...options });
    return {
      address: { ...address, peerId: options.peerId === undefined ? address.peerId : PeerId.parse(options.peerId) },
      personId,
      offer,
    };
  }

  async close(): Promise<void> {
    await this.server.close();
    await this.bus.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

export interface TestPeer {
  readonly address: { readonly roomId: RoomId; readonly epoch: number; readonly peerId: PeerId };
  readonly personId: PersonId;
  readonly offer: MediaOffer;
}

const everything = (): Pick<Asked<'openPeer'>, 'rtpCapabilities' | 'publish' | 'subscribe'> => ({
  rtpCapabilities: browserCapabilities(),
  publish: ['microphone', 'camera', 'screen'],
  subscribe: true,
});

/** What a browser can receive: Opus and VP8 with RTX, under the payload types of the router. */
export const browserCapabilities = () => ({
  codecs: [
    {
      kind: 'audio',
      mimeType: 'audio/opus',
      preferredPayloadType: 100,
      clockRate: 48_000,
      channels: 2,
      parameters: {},
      rtcpFeedback: [{ type: 'nack' }],
    },
    {
      kind: 'video',
      mimeType: 'video/VP8',
      preferredPayloadType: 101,
      clockRate: 90_000,
      parameters: {},
      rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'transport-cc' }],
    },
    {
      kind: 'video',
      mimeType: 'video/rtx',
      preferredPayloadType: 102,
      clockRate: 90_000,
      parameters: { apt: 101 },
      rtcpFeedback: [],
    },
  ],
  headerExtensions: [
    {
      kind: 'video',
      uri: 'urn:ietf:params:rtp-hdrext:sdes:mid',
      preferredId: 1,
      preferredEncrypt: false,
      direction: 'sendrecv',
    },
  ],
});

let ssrc = 1_000;

/** A microphone's stream as a browser offers it. */
export const opus = () => ({
  mid: '0',
  codecs: [
    {
      mimeType: 'audio/opus',
      payloadType: 111,
      clockRate: 48_000,
      channels: 2,
      parameters: { useinbandfec: 1, usedtx: 1 },
      rtcpFeedback: [{ type: 'nack' }],
    },
  ],
  headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 4 }],
  encodings: [{ ssrc: ssrc++, dtx: true }],
  rtcp: { cname: 'c', reducedSize: true },
});

/** A camera's stream in three simulcast layers. */
export const vp8 = () => ({
  mid: '1',
  codecs: [
    {
      mimeType: 'video/VP8',
      payloadType: 96,
      clockRate: 90_000,
      parameters: {},
      rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }],
    },
    { mimeType: 'video/rtx', payloadType: 97, clockRate: 90_000, parameters: { apt: 96 }, rtcpFeedback: [] },
  ],
  headerExtensions: [
    { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 4 },
    { uri: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id', id: 10 },
  ],
  encodings: ['r0', 'r1', 'r2'].map((rid) => ({ rid, scalabilityMode: 'L1T3', maxBitrate: 500_000 })),
  rtcp: { cname: 'c', reducedSize: true },
});

/** DTLS parameters of a certificate that nobody has. */
export const someDtls = () => ({
  role: 'client' as const,
  fingerprints: [
    {
      algorithm: 'sha-256',
      value: createHash('sha256').update(randomUUID()).digest('hex').toUpperCase().match(/../g)?.join(':') ?? '',
    },
  ],
});
