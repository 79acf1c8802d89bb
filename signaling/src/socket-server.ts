import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { addressKey, commonHeaders, endWithAnswer } from '@bedside/kit';
import {
  CLIENT_MESSAGE_MAX_BYTES,
  type ErrorCode,
  PROBLEM_TYPE,
  problemOf,
  SIGNALING_SUBPROTOCOL,
} from '@bedside/protocol';
import { WebSocketServer } from 'ws';
import type { SignalingLimits, SignalingTimings } from './config.ts';
import { Connection, type ConnectionOwner } from './connection.ts';
import type { ConnectionEnd, SignalingEvents, UpgradeRefusal } from './events.ts';
import { sessionHashes } from './session-cookie.ts';

const PATH = '/signal';

const CODES = {
  path: 'not_found',
  origin: 'origin_refused',
  subprotocol: 'bad_request',
  draining: 'server_draining',
  connections: 'server_busy',
  address: 'rate_limited',
} as const satisfies Record<Exclude<UpgradeRefusal, 'handshake'>, ErrorCode>;

/** More than an honest client sends of one message, far less than would be worth sending. */
const MAX_FRAGMENTS = 64;
const MAX_BUFFERED_CHUNKS = 4_096;

const pathOf = (request: IncomingMessage): string => (request.url ?? '').split('?', 1)[0] ?? '';

const offeredProtocols = (request: IncomingMessage): readonly string[] =>
  (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());

/** Judges upgrade requests, and holds the connections that come of them. */
export class SocketServer {
  readonly #origins: ReadonlySet<string>;
  readonly #limits: SignalingLimits;
  readonly #timings: SignalingTimings;
  readonly #events: SignalingEvents;
  readonly #owner: ConnectionOwner;
  readonly #onUpgrade: () => void;
  readonly #wss: WebSocketServer;
  readonly #connections = new Set<Connection>();
  /** On every refusal. */
  readonly #headers: ReadonlyMap<string, string>;
  /** Open sockets by address (a /64 of IPv6), those that are being closed included. */
  readonly #byAddress = new Map<string, number>();
  #sockets = 0;
  #draining = false;
  #drained: PromiseWithResolvers<void> | undefined;

  constructor(options: {
    /** The first is the site's own. */
    origins: readonly string[];
    limits: SignalingLimits;
    timings: SignalingTimings;
    events: SignalingEvents;
    owner: ConnectionOwner;
    /** Somebody is about to say hello. */
    onUpgrade: () => void;
  }) {
    this.#origins = new Set(options.origins);
    this.#headers = commonHeaders(new URL(options.origins[0] ?? 'http://localhost'));
    this.#limits = options.limits;
    this.#timings = options.timings;
    this.#events = options.events;
    this.#owner = options.owner;
    this.#onUpgrade = options.onUpgrade;
    const settings = {
      noServer: true,
      clientTracking: false,
      maxPayload: CLIENT_MESSAGE_MAX_BYTES,
      maxFragments: MAX_FRAGMENTS,
      maxBufferedChunks: MAX_BUFFERED_CHUNKS,
      // Compression would keep a window of memory for each connection, and tell lengths of what is secret.
      perMessageDeflate: false,
      closeTimeout: options.timings.closeTimeoutMs,
      handleProtocols: () => SIGNALING_SUBPROTOCOL,
    };
    this.#wss = new WebSocketServer(settings);
    // ws answers a bad handshake itself.
    this.#wss.on('wsClientError', (_error, socket) => {
      this.#events.upgradeRefused('handshake');
      socket.destroy();
    });
  }

  get connectionCount(): number {
    return this.#sockets;
  }

  get isDraining(): boolean {
    return this.#draining;
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const address = addressKey(request.socket.remoteAddress);
    const refused = this.#judge(request, address);
    if (refused !== undefined) {
      this.#events.upgradeRefused(refused);
      const problem = problemOf(CODES[refused]);
      const answer = { status: problem.status, type: PROBLEM_TYPE, body: JSON.stringify(problem) };
      endWithAnswer(socket, { ...answer, headers: this.#headers });
      return;
    }
    this.#onUpgrade();
    this.#wss.handleUpgrade(request, socket, head, (webSocket) => {
      this.#count(address, 1);
      webSocket.on('close', () => this.#count(address, -1));
      const connection = new Connection({
        socket: webSocket,
        sessionHashes: sessionHashes(request.headers.cookie),
        owner: { handle: this.#owner.handle.bind(this.#owner), ended: (ended, reason) => this.#ended(ended, reason) },
        limits: this.#limits,
        timings: this.#timings,
      });
      this.#connections.add(connection);
      connection.start();
    });
  }

  /** Refuses new connections and closes those that are open with `server_draining`, cutting off who does not go. */
  async drain(): Promise<void> {
    this.#draining = true;
    this.#events.draining(this.#sockets);
    const connections = [...this.#connections];
    for (const connection of connections) connection.close('server_draining');
    if (this.#sockets > 0) {
      this.#drained = Promise.withResolvers();
      // ws itself cuts off after its close timeout; this is for a socket that even then stays.
      const timer = setTimeout(() => {
        for (const connection of connections) connection.cutOff();
        this.#drained?.resolve();
      }, this.#timings.drainTimeoutMs);
      await this.#drained.promise;
      clearTimeout(timer);
    }
    this.#wss.close();
  }

  #judge(request: IncomingMessage, address: string): Exclude<UpgradeRefusal, 'handshake'> | undefined {
    if (pathOf(request) !== PATH) return 'path';
    // A missing origin is no browser's: only browsers carry somebody else's cookies, and all of them send it.
    if (!this.#origins.has(request.headers.origin ?? '')) return 'origin';
    if (!offeredProtocols(request).includes(SIGNALING_SUBPROTOCOL)) return 'subprotocol';
    if (this.#draining) return 'draining';
    if (this.#sockets >= this.#limits.connections) return 'connections';
    if ((this.#byAddress.get(address) ?? 0) >= this.#limits.connectionsPerAddress) return 'address';
    return undefined;
  }

  #count(address: string, change: 1 | -1): void {
    this.#sockets += change;
    const ofAddress = (this.#byAddress.get(address) ?? 0) + change;
    if (ofAddress > 0) this.#byAddress.set(address, ofAddress);
    else this.#byAddress.delete(address);
    if (this.#sockets === 0) this.#drained?.resolve();
  }

  #ended(connection: Connection, reason: ConnectionEnd): void {
    this.#connections.delete(connection);
    this.#events.connectionEnded(reason, connection.sessionId);
    this.#owner.ended(connection, reason);
  }
}
