import { createLogger, createRegistry, Health, MemoryBus, runMain, systemClock } from '@bedside/kit';
import { busErrors } from '@bedside/protocol';
import { turnConfig } from './config.ts';
import { createTurn } from './service.ts';

const log = createLogger({ service: 'turn' });
await runMain({
  log,
  start: async () => {
    const config = turnConfig(process.env);
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
