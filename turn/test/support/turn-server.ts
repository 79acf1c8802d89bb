import { createRegistry, Health, MemoryBus, silentLogger, systemClock } from '@bedside/kit';
import { busErrors } from '@bedside/protocol';
import { type TurnConfig, turnConfig } from '../../src/config.ts';
import type { PeerRule } from '../../src/relay/peer-policy.ts';
import { createTurn, type Turn } from '../../src/service.ts';

export const TEST_SECRET = 'a secret of the tests only';

export interface TestServer extends AsyncDisposable {
  readonly turn: Turn;
  readonly bus: MemoryBus;
  readonly health: Health;
  readonly registry: ReturnType<typeof createRegistry>;
  port(kind: 'udp' | 'tcp' | 'tls' | 'shared'): number;
}

/** The real service on ports of the system's choice, with its threads. */
export const startTestServer = async (
  options: { peers: readonly PeerRule[]; kinds: readonly string[]; tls?: TurnConfig['tls'] } & Partial<TurnConfig>,
): Promise<TestServer> => {
  const { kinds, ...overrides } = options;
  const config: TurnConfig = {
    ...turnConfig({
      BEDSIDE_TURN_SECRET: TEST_SECRET,
      BEDSIDE_TURN_LISTEN: kinds.map((kind) => `${kind}://127.0.0.1:0`).join(','),
      ...(options.tls === undefined
        ? {}
        : { BEDSIDE_TURN_TLS_CERT_FILE: options.tls.certFile, BEDSIDE_TURN_TLS_KEY_FILE: options.tls.keyFile }),
    }),
    ...overrides,
  };
  const bus = new MemoryBus({ errors: busErrors, onHandlerError: () => {} });
  const health = new Health();
  const registry = createRegistry();
  const turn = await createTurn(config, { bus, log: silentLogger, registry, health, clock: systemClock });
  return {
    turn,
    bus,
    health,
    registry,
    port: (kind) => {
      const found = turn.listening.find((address) => address.kind === kind);
      if (found === undefined) throw new Error(`The server does not listen for ${kind}.`);
      return found.port;
    },
    [Symbol.asyncDispose]: async () => {
      await turn.close();
      await bus.close();
    },
  };
};

export const usernameFor = (name: string, seconds = 3600): string =>
  `${Math.floor(Date.now() / 1000) + seconds}:${name}`;
