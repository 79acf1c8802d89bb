import type { Page } from 'puppeteer-core';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Gives the window a size and waits until the page is laid out in it: it hears of it after the call has returned, and a
 * press meanwhile goes where things were before.
 */
export const resize = async (page: Page, size: Size): Promise<void> => {
  await page.setViewport(size);
  await page.waitForFunction(
    (width, height) => innerWidth === width && innerHeight === height,
    {},
    size.width,
    size.height,
  );
  // What answers to the width, a style or a script, has done so two frames later.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
};
