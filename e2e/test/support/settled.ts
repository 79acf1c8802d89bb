import type { Page } from 'puppeteer-core';

/** Waits until nothing is being looked up any more: what comes late moves what stands below it away from a press. */
export const settled = async (page: Page): Promise<void> => {
  await page.waitForFunction(() => document.querySelector('.spinner') === null);
};
