import { createLogger, runMain, Teardown } from '@bedside/kit';
import { openDataDir } from '../data-dir.ts';
import { demoAdmins, demoCompliance, demoFrontDesk, demoPatients, demoProviders } from '../demo/people.ts';
import { composeBedside } from './compose.ts';
import { upConfig } from './config.ts';

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const names = (people: readonly { displayName: string }[]): string =>
  people.map(({ displayName }) => displayName).join(', ');

const greeting = (config: { publicUrl: string; demo: boolean }): string =>
  [
    `Bedside is ready at ${config.publicUrl}`,
    ...(config.demo
      ? [
          '',
          'Demo mode: anybody who opens this page can sign in as anybody below.',
          `  Patients:   ${names(demoPatients)}`,
          `  Providers:  ${names(demoProviders)}`,
          `  Front desk: ${names(demoFrontDesk)}`,
          `  Admin:      ${names(demoAdmins)}`,
          `  Privacy:    ${names(demoCompliance)}`,
          '  Open two windows, one of them private: a patient joins in one, a provider admits in the other.',
        ]
      : []),
    '',
    'Ctrl-C stops everything.',
  ].join('\n');

// Started by `npm start`, which holds the other end of a channel: when that is killed, nobody is left to press Ctrl-C.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));

/** Beyond the draining of the relay. */
const CLOSE_MARGIN_MS = 10_000;

try {
  const config = upConfig(process.env);
  const log = createLogger({ service: 'bedside', level: config.logLevel });
  await runMain({
    log,
    closeTimeoutMs: (config.relay?.drainMs ?? 0) + CLOSE_MARGIN_MS,
    say: (line) => process.stderr.write(`\n${line}\n`),
    start: async (signal) => {
      const teardown = new Teardown();
      try {
        teardown.use(await openDataDir({ path: config.dataDir, log: say }));
        teardown.use(await composeBedside(config, { log, signal }));
      } catch (error) {
        await teardown.close();
        throw error;
      }
      say(greeting(config));
      return teardown;
    },
  });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
