import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Health, type Logger, MemoryBus, Registry, silentLogger, systemClock } from '@bedside/kit';
import { busErrors, type MediaOffer, type Welcome } from '@bedside/protocol';
import { DEFAULT_LIMITS, DEFAULT_TIMINGS } from '../../src/config.ts';
import {
  createSignaling,
  type Signaling,
  type SignalingConfig,
  type SignalingLimits,
  type SignalingTimings,
} from '../../src/index.ts';
import { FakeCore } from './fake-core.ts';
import { CAPABILITIES, FakeMediaNode } from './fake-media-node.ts';
import {
  type MintOptions,
  newPatient,
  newProvider,
  newVisit,
  TestIssuer,
  type TestPerson,
  type TestVisit,
} from './issuer.ts';
import { TestClient } from './test-client.ts';

export const ORIGIN = 'https://clinic.test';

export interface HarnessOptions {
  readonly limits?: Partial<SignalingLimits>;
  readonly timings?: Partial<SignalingTimings>;
  /** Without one, a node that announces itself is there from the start. */
  readonly mediaNode?: boolean;
  readonly clock?: () => number;
  readonly log?: Logger;
}

/** Silence must not end a node in a test that is about something else. */
const TEST_TIMINGS: SignalingTimings = {
  ...DEFAULT_TIMINGS,
  nodeDeadAfterMs: 60_000,
  retryBaseMs: 5,
  retryMaxMs: 20,
  renewMinMs: 1,
};

/** Signaling over real sockets, a real bus and real grants; core and the media node are scripted. */
export class Harness implements AsyncDisposable {
  readonly bus: MemoryBus;
  readonly health: Health;
  readonly registry: Registry;
  readonly core: FakeCore;
  readonly media: FakeMediaNode;
  readonly issuer: TestIssuer;
  readonly signaling: Signaling;
  readonly #server: Server;
  readonly #clients: TestClient[] = [];
  readonly port: number;

  private constructor(parts: {
    bus: MemoryBus;
    health: Health;
    registry: Registry;
    core: FakeCore;
    media: FakeMediaNode;
    issuer: TestIssuer;
    signaling: Signaling;
    server: Server;
    port: number;
  }) {
    this.bus = parts.bus;
    this.health = parts.health;
    this.registry = parts.registry;
    this.core = parts.core;
    this.media = parts.media;
    this.issuer = parts.issuer;
    this.signaling = parts.signaling;
    this.#server = parts.server;
    this.port = parts.port;
  }

  static async start(options: HarnessOptions = {}): Promise<Harness> {
    const handlerErrors: unknown[] = [];
    const bus = new MemoryBus({ errors: busErrors, onHandlerError: (error) => handlerErrors.push(error) });
    const issuer = await TestIssuer.create(ORIGIN);
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(issuer.jwks));
    });
    const { promise: listening, resolve } = Promise.withResolvers<void>();
    server.listen(0, '127.0.0.1', resolve);
    await listening;
    const { port } = server.address() as AddressInfo;
    const health = new Health();
    const registry = new Registry();
    const config: SignalingConfig = {
      allowedOrigins: [ORIGIN],
      internalTls: undefined,
      jwksUrl: `http://127.0.0.1:${port}/jwks.json`,
      issuer: ORIGIN,
      limits: { ...DEFAULT_LIMITS, ...options.limits },
      timings: { ...TEST_TIMINGS, ...options.timings },
    };
    const clock = options.clock ?? systemClock;
    const signaling = await createSignaling(config, { bus, log: options.log ?? silentLogger, registry, health, clock });
    server.on('upgrade', (request, socket, head) => signaling.handleUpgrade(request, socket, head));
    const core = new FakeCore(bus);
    const media = new FakeMediaNode(bus);
    if (options.mediaNode !== false) {
      media.announce();
      await Promise.resolve();
    }
    return new Harness({ bus, health, registry, core, media, issuer, signaling, server, port });
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/signal`;
  }

  async connect(who?: TestPerson, options: { autoPong?: boolean } = {}): Promise<TestClient> {
    const cookie = who === undefined ? undefined : `theme=dark; bedside_session=${who.cookie}`;
    const client = await TestClient.connect(this.url, { cookie, origin: ORIGIN, ...options });
    this.#clients.push(client);
    return client;
  }

  /** Opens a session: the person is at the device check. */
  async enter(
    visit: TestVisit,
    who: TestPerson,
    mint: MintOptions = {},
  ): Promise<{ client: TestClient; welcome: Welcome }> {
    const client = await this.connect(who);
    const grant = await this.issuer.mint(visit, who, mint);
    return { client, welcome: await client.hello({ encounterId: visit.encounterId, grant }) };
  }

  /** A provider in the visit, with media. */
  async provider(visit: TestVisit, who = newProvider()): Promise<Joined> {
    return this.join(visit, who);
  }

  /** A patient in the visit, with media, admitted by core before. */
  async patient(visit: TestVisit, who = newPatient()): Promise<Joined> {
    this.core.admittedBefore(visit.encounterId, who.personId);
    return this.join(visit, who);
  }

  async join(visit: TestVisit, who: TestPerson): Promise<Joined> {
    const { client, welcome } = await this.enter(visit, who);
    await client.request('ready', { rtpCapabilities: CAPABILITIES });
    return { who, client, welcome, offer: await client.next('media.offer') };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.cut();
    await this.signaling.close();
    this.#server.closeAllConnections();
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    await closed;
    await this.bus.close();
  }
}

export interface Joined {
  readonly who: TestPerson;
  readonly client: TestClient;
  readonly welcome: Welcome;
  readonly offer: MediaOffer;
}

export { newPatient, newProvider, newVisit };
