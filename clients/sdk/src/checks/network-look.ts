import type { IceServer } from '@bedside/protocol';
import type { Platform } from '../platform.ts';
import { NetworkCheck, type RelayTransport } from './network-check.ts';

/** By then the preview runs, and whoever is in a hurry is in. */
const LOOK_AFTER_MS = 1_000;

/** One look at the network before a visit. Whoever comes in at once needs none, and is not slowed down by one. */
export class NetworkLook {
  readonly #platform: Platform;
  readonly #found: (network: RelayTransport | 'blocked') => void;
  #begun = false;
  #cancel: () => void = () => undefined;

  constructor(options: { platform: Platform; found: (network: RelayTransport | 'blocked') => void }) {
    this.#platform = options.platform;
    this.#found = options.found;
  }

  /** Looks a second from now, once; a later call does nothing. */
  soon(iceServers: readonly IceServer[]): void {
    if (this.#begun || iceServers.length === 0) return;
    this.#begun = true;
    this.#cancel = this.#platform.timers.after(LOOK_AFTER_MS, () => void this.#look(iceServers));
  }

  /** What was not begun yet is not begun any more. */
  close(): void {
    this.#begun = true;
    this.#cancel();
  }

  async #look(iceServers: readonly IceServer[]): Promise<void> {
    const check = new NetworkCheck({ iceServers, platform: this.#platform });
    await check.run();
    this.#found(check.best ?? 'blocked');
  }
}
