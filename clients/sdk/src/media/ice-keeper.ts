import { backoffMs, type TransportId } from '@bedside/protocol';
import type { types } from 'mediasoup-client';
import { isConnectionLoss } from '../errors.ts';
import type { Platform } from '../platform.ts';
import type { Request } from './publisher.ts';
import { toIceParameters } from './wire.ts';

/** A short gap mends itself; longer than this it wants new candidates. */
const DISCONNECTED_GRACE_MS = 1_500;
const MAX_RESTARTS = 5;

/**
 * Keeps one transport's path alive: restarts ICE when it fails or stays disconnected, with backoff, and gives up after
 * five restarts without success.
 */
export class IceKeeper {
  readonly #transport: types.Transport;
  readonly #request: Request;
  readonly #platform: Pick<Platform, 'timers' | 'random'>;
  readonly #gaveUp: () => void;
  #cancel: () => void = () => undefined;
  #restarts = 0;
  #closed = false;

  constructor(options: {
    transport: types.Transport;
    request: Request;
    platform: Pick<Platform, 'timers' | 'random'>;
    gaveUp: () => void;
  }) {
    this.#transport = options.transport;
    this.#request = options.request;
    this.#platform = options.platform;
    this.#gaveUp = options.gaveUp;
  }

  stateChanged(state: types.ConnectionState): void {
    this.#cancel();
    if (state === 'connected') this.#restarts = 0;
    if (state === 'disconnected') this.#schedule(DISCONNECTED_GRACE_MS);
    if (state === 'failed') this.#schedule(0);
  }

  /** The socket is back: a path that is down is tried at once, whatever was planned. */
  restartNow(): void {
    const state = this.#transport.connectionState;
    if (state !== 'disconnected' && state !== 'failed') return;
    this.#restarts = 0;
    this.#schedule(0);
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #schedule(ms: number): void {
    this.#cancel();
    this.#cancel = this.#platform.timers.after(ms, () => void this.#restart());
  }

  async #restart(): Promise<void> {
    if (this.#closed) return;
    if (this.#restarts >= MAX_RESTARTS) return this.#gaveUp();
    const attempt = this.#restarts++;
    // If this one leads nowhere, the next is due; a state change to `connected` takes it back.
    this.#schedule(3_000 + backoffMs({ attempt, baseMs: 1_000, maxMs: 8_000, random: this.#platform.random }));
    try {
      const { iceParameters } = await this.#request('media.restartIce', {
        transportId: this.#transport.id as TransportId,
      });
      if (!this.#closed) await this.#transport.restartIce({ iceParameters: toIceParameters(iceParameters) });
    } catch (error) {
      // Without a socket nobody could be asked, so it does not count; `restartNow` follows with the resume.
      if (isConnectionLoss(error)) this.#restarts = attempt;
    }
  }
}
