import { Counter, Gauge, Histogram, LATENCY_BUCKETS_SECONDS, type Logger, type Registry } from '@bedside/kit';
import type { EncounterId, ErrorCode, MediaNodeId, RequestType, SessionId } from '@bedside/protocol';

/** Why a connection ended: the server's code, or the client's or network's doing. */
export type ConnectionEnd = ErrorCode | 'left' | 'closed_by_client';
export type UpgradeRefusal = 'path' | 'origin' | 'subprotocol' | 'draining' | 'connections' | 'address' | 'handshake';

interface Sizes {
  connections(): number;
  sessions(): number;
  rooms(): number;
}

/** What happens in this service, one method an event: a log line, a metric, or both. Labels are few and fixed. */
export class SignalingEvents {
  readonly #log: Logger;
  readonly #registry: Registry;
  readonly #requests: Counter<'type' | 'outcome'>;
  readonly #closes: Counter<'reason'>;
  readonly #upgradesRefused: Counter<'reason'>;
  readonly #mediaLosses: Counter<'reason'>;
  readonly #helloSeconds: Histogram;
  readonly #joinSeconds: Histogram;

  constructor(options: { log: Logger; registry: Registry }) {
    this.#log = options.log;
    this.#registry = options.registry;
    const registers = [options.registry];
    this.#requests = new Counter({
      name: 'bedside_signaling_requests_total',
      help: 'Requests of clients, by type and outcome (ok or an error code).',
      labelNames: ['type', 'outcome'],
      registers,
    });
    this.#closes = new Counter({
      name: 'bedside_signaling_closes_total',
      help: 'Connections that ended, by reason.',
      labelNames: ['reason'],
      registers,
    });
    this.#upgradesRefused = new Counter({
      name: 'bedside_signaling_upgrades_refused_total',
      help: 'Upgrade requests that were refused, by reason.',
      labelNames: ['reason'],
      registers,
    });
    this.#mediaLosses = new Counter({
      name: 'bedside_signaling_media_losses_total',
      help: 'Rooms whose media had to be placed anew or could not be placed, by reason.',
      labelNames: ['reason'],
      registers,
    });
    this.#helloSeconds = new Histogram({
      name: 'bedside_signaling_hello_seconds',
      help: 'From a hello to its welcome.',
      buckets: LATENCY_BUCKETS_SECONDS,
      registers,
    });
    this.#joinSeconds = new Histogram({
      name: 'bedside_signaling_join_seconds',
      help: 'From the moment somebody is in the visit to their media offer.',
      buckets: LATENCY_BUCKETS_SECONDS,
      registers,
    });
  }

  /** Gauges that are read when they are asked for. */
  watch(sizes: Sizes): void {
    for (const [what, size] of Object.entries(sizes)) {
      new Gauge({
        name: `bedside_signaling_${what}`,
        help: `${what} at present.`,
        registers: [this.#registry],
        collect() {
          this.set(size());
        },
      });
    }
  }

  upgradeRefused(reason: UpgradeRefusal): void {
    this.#upgradesRefused.inc({ reason });
    this.#log.debug('upgrade-refused', { reason });
  }

  connectionEnded(reason: ConnectionEnd, sessionId: SessionId | undefined): void {
    this.#closes.inc({ reason });
    this.#log.debug('connection-ended', { reason, sessionId });
  }

  requestHandled(type: RequestType | 'unknown', outcome: ErrorCode | 'ok'): void {
    this.#requests.inc({ type, outcome });
  }

  requestFailed(type: RequestType, error: unknown): void {
    this.#log.error('request-failed', { method: type, error });
  }

  sessionOpened(encounterId: EncounterId, sessionId: SessionId, seconds: number): void {
    this.#helloSeconds.observe(seconds);
    this.#log.info('session-opened', { encounterId, sessionId });
  }

  sessionResumed(sessionId: SessionId): void {
    this.#log.info('session-resumed', { sessionId });
  }

  sessionEnded(sessionId: SessionId, reason: string): void {
    this.#log.info('session-ended', { sessionId, reason });
  }

  joined(seconds: number): void {
    this.#joinSeconds.observe(seconds);
  }

  roomPlaced(encounterId: EncounterId, nodeId: MediaNodeId, epoch: number): void {
    this.#log.info('room-placed', { encounterId, nodeId, epoch });
  }

  mediaLost(
    encounterId: EncounterId,
    reason: 'no-node' | 'node-refused' | 'node-lost' | 'room-lost',
    epoch: number,
  ): void {
    this.#mediaLosses.inc({ reason });
    this.#log.warn('media-lost', { encounterId, reason, epoch });
  }

  peerRefused(encounterId: EncounterId, error: unknown): void {
    this.#log.warn('peer-refused', { encounterId, code: codeFieldOf(error) });
  }

  mediaCloseFailed(encounterId: EncounterId, error: unknown): void {
    this.#log.warn('media-close-failed', { encounterId, code: codeFieldOf(error) });
  }

  coreCallFailed(method: string, error: unknown): void {
    this.#log.warn('core-call-failed', { method, code: codeFieldOf(error) });
  }

  nodeChanged(nodeId: MediaNodeId, state: 'up' | 'draining' | 'gone' | 'silent' | 'restarted'): void {
    this.#log.info('media-node', { nodeId, state });
  }

  /** Somebody publishes what the contract does not know. */
  busMessageRefused(subject: string): void {
    this.#log.warn('bus-message-refused', { subject });
  }

  draining(count: number): void {
    this.#log.info('draining', { count });
  }
}

const codeFieldOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'internal';
