import type { IceServer } from '@bedside/protocol';
import type { GatheredCandidate, Gathering, Timers } from '../platform.ts';
import type { Check, CheckResult } from './check.ts';

/** What the relay can be reached over from this network, the best that was found. */
export type RelayTransport = 'udp' | 'tcp' | 'tls';

/** Over a path that answers at all, it has answered by then; where UDP is dropped, browsers would wait for long. */
const GATHER_MS = 3_000;

const RANK: readonly RelayTransport[] = ['udp', 'tcp', 'tls'];

const transportOf = ({ type, relayProtocol, url }: GatheredCandidate): RelayTransport | undefined => {
  if (type !== 'relay') return undefined;
  const told = RANK.find((transport) => transport === relayProtocol);
  if (told !== undefined || !url) return told;
  if (url.startsWith('turns:')) return 'tls';
  return url.includes('transport=tcp') ? 'tcp' : 'udp';
};

/**
 * Asks the relay for an address by every way at once and gives them back. What comes over UDP says that nothing is in
 * the way; what comes over TLS alone says that media will take the way of web pages.
 */
export class NetworkCheck implements Check {
  readonly name = 'network';
  readonly #iceServers: readonly IceServer[];
  readonly #platform: { readonly timers: Timers; gather(iceServers: readonly IceServer[]): Gathering };
  #best: RelayTransport | undefined;

  constructor(options: {
    iceServers: readonly IceServer[];
    platform: { readonly timers: Timers; gather(iceServers: readonly IceServer[]): Gathering };
  }) {
    this.#iceServers = options.iceServers;
    this.#platform = options.platform;
  }

  /** Unset where nothing got through, or nothing was looked at yet. */
  get best(): RelayTransport | undefined {
    return this.#best;
  }

  async run(): Promise<CheckResult> {
    this.#best = undefined;
    const gathering = this.#platform.gather(this.#iceServers);
    const { promise: done, resolve } = Promise.withResolvers<void>();
    const cancel = this.#platform.timers.after(GATHER_MS, resolve);
    gathering.onCandidate = (candidate) => {
      if (candidate === undefined) return resolve();
      const found = transportOf(candidate);
      if (found === undefined) return;
      if (this.#best === undefined || RANK.indexOf(found) < RANK.indexOf(this.#best)) this.#best = found;
      if (found === 'udp') resolve();
    };
    try {
      await gathering.start();
      await done;
    } catch {
      // A browser that cannot even gather finds nothing.
    } finally {
      cancel();
      gathering.close();
    }
    return this.#best === undefined ? { passed: false, code: 'network_blocked' } : { passed: true };
  }
}
