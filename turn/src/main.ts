import { createLogger, createRegistry, Health, MemoryBus, runMain, systemClock } from '@bedside/kit';
import { busErrors } from '@bedside/protocol';
import { turnConfig } from './config.ts';
import { createTurn } from './service.ts';

const log = createLogger({ service: 'turn' });
/** Beyond the draining: closing itself takes moments. */
const CLOSE_MARGIN_MS = 5_000;
let closeTimeoutMs = CLOSE_MARGIN_MS;
await runMain({
  log,
  get closeTimeoutMs() {
    return closeTimeoutMs;
  },
  start: async () => {
    const config = turnConfig(process.env);
    closeTimeoutMs = config.drainMs + CLOSE_MARGIN_MS;
    const bus = new MemoryBus({
      errors: busErrors,
      onHandlerError: (error) => log.error('bus-handler-failed', { error }),
    });
    const turn = await createTurn(config, {
      bus,
      log,
      registry: createRegistry(),
      health: new Health(),
      clock: systemClock,
    });
    const close = async (): Promise<void> => {
      await turn.drain({ timeoutMs: config.drainMs });
      await turn.close();
      await bus.close();
    };
    return { close, [Symbol.asyncDispose]: close };
  },
});
