import { startBedside } from '../src/bedside.ts';
import { launchBrowser } from '../src/browser.ts';
import { captureFiles } from '../src/media-files.ts';
import { byTestId, clickTestId, meet, nextVisit, openVisit, signIn } from '../src/people.ts';
import type { JoinSubject } from './join-runs.ts';

/**
 * Bedside as `npm start` runs it: a provider who is in the visit all the while, and a patient who was admitted once and
 * comes in again each time, from the click that ends the device check.
 */
export const startBedsideSubject = async (): Promise<JoinSubject> => {
  await using starting = new AsyncDisposableStack();
  const bedside = starting.use(await startBedside());
  const provider = starting.use(await launchBrowser({ capture: await captureFiles(0) }));
  const patient = starting.use(await launchBrowser({ capture: await captureFiles(1) }));
  const pages = { provider: await provider.newPage(), patient: await patient.newPage() };
  await signIn(pages.provider, bedside.origin, 'Dr. Amara Okafor');
  await signIn(pages.patient, bedside.origin, 'Ruth Lindqvist');
  const { encounterId } = await nextVisit(pages.patient);
  await meet(pages, { origin: bedside.origin, encounterId });
  const stack = starting.move();
  return {
    name: 'Bedside',
    join: async () => {
      await openVisit(pages.patient, bedside.origin, encounterId);
      await pages.patient.waitForSelector(byTestId('preview-video'));
      await clickTestId(pages.patient, 'device-ready');
      return pages.patient.evaluate(() => window.bedsideProbe.join.done);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
};
