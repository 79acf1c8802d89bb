import type { Page } from 'puppeteer-core';

/** The clock of a page, which a test may set: dates follow it, timers run as ever. */
export interface PageClock {
  /** Later by so much than it reads now. */
  move(ms: number): Promise<void>;
}

declare global {
  interface Window {
    e2eAheadMs: number;
  }
}

/** For pages that are opened from now on. */
export const setPageClock = async (page: Page, aheadMs = 0): Promise<PageClock> => {
  await page.evaluateOnNewDocument((ahead) => {
    window.e2eAheadMs = ahead;
    window.Date = new Proxy(Date, {
      construct: (native, given, target) =>
        Reflect.construct(native, given.length === 0 ? [native.now() + window.e2eAheadMs] : given, target),
      get: (native, name) => (name === 'now' ? () => native.now() + window.e2eAheadMs : Reflect.get(native, name)),
    });
  }, aheadMs);
  return {
    move: (ms) =>
      page.evaluate((more) => {
        window.e2eAheadMs += more;
      }, ms),
  };
};
