import { startBareServer } from '../src/bare/server.ts';
import { launchBrowser } from '../src/browser.ts';
import { captureFiles } from '../src/media-files.ts';
import type { JoinSubject } from './join-runs.ts';

/** The bare page: a provider that sends all the while, and a patient who joins anew each time. */
export const startBareSubject = async (): Promise<JoinSubject> => {
  await using starting = new AsyncDisposableStack();
  const server = starting.use(await startBareServer());
  const provider = starting.use(await launchBrowser({ capture: await captureFiles(0) }));
  const providerPage = await provider.newPage();
  await providerPage.goto(`${server.origin}/?publish`);
  await providerPage.waitForFunction(() => document.title === 'in');
  const patient = starting.use(await launchBrowser({ capture: await captureFiles(1) }));
  const page = await patient.newPage();
  const stack = starting.move();
  return {
    name: 'bare',
    join: async () => {
      await page.goto(server.origin);
      await page.waitForFunction(() => document.title === 'ready');
      await page.click('button');
      return page.evaluate(() => window.bedsideProbe.join.done);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
};
