import type { Page } from 'puppeteer-core';
import { bundleForPage } from './bundle.ts';

let script: Promise<string> | undefined;

/** Puts the probe into a page before any script of its own, now and after each navigation. */
export const installProbe = async (page: Page): Promise<void> => {
  script ??= bundleForPage(new URL('./page/probe.ts', import.meta.url), 'bedsideProbeModule');
  await page.evaluateOnNewDocument(await script);
};
