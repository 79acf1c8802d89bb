import { createLogger, OperatorError, runMain } from '../../src/index.ts';

/** A process around a service that behaves as its first argument says. It tells its state on standard error. */
const behaviour = process.argv[2];
const say = (line: string) => process.stderr.write(`${line}\n`);
// A service holds something open, or the process would have nothing to wait for.
setInterval(() => undefined, 60_000);

await runMain({
  log: createLogger({ service: 'test', level: behaviour?.startsWith('start-') ? 'warn' : 'silent' }),
  closeTimeoutMs: 200,
  start: async () => {
    if (behaviour === 'start-fails') throw new OperatorError('BEDSIDE_X: is not set');
    if (behaviour === 'start-breaks') throw new Error('nobody expected this');
    if (behaviour === 'start-hangs') {
      say('starting');
      await new Promise(() => undefined);
    }
    if (behaviour === 'throws-later') setImmediate(() => Promise.reject(new Error('lost')));
    say('started');
    const close = async () => {
      say('closing');
      if (behaviour === 'close-fails') throw new Error('x');
      if (behaviour === 'close-hangs') await new Promise(() => undefined);
      say('closed');
    };
    return { close, [Symbol.asyncDispose]: close };
  },
});
