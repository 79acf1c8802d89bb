import type { Page } from 'puppeteer-core';
import { expect } from 'vitest';

const MAX_TABS = 80;

/** Presses Tab until the wanted element has the focus; on the way every focus must be to be seen. */
export const tabTo = async (page: Page, wanted: string): Promise<void> => {
  for (let presses = 0; presses < MAX_TABS; presses += 1) {
    await page.keyboard.press('Tab');
    const focus = await page.evaluate((selector) => {
      const element = document.activeElement;
      if (element === null || element === document.body) return { on: 'nothing', seen: true, there: false };
      // A radio is shown by the label around it, a control of the visit by its disc.
      const shown = [element, element.closest('label'), element.firstElementChild].filter((one) => one !== null);
      const isSeen = shown.some((one) => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
        return (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
      });
      return { on: element.outerHTML.slice(0, 120), seen: isSeen, there: element.matches(selector) };
    }, wanted);
    expect(focus.seen, `focus on ${focus.on}`).toBe(true);
    if (focus.there) return;
  }
  throw new Error(`${wanted} was not reached by Tab`);
};

/** Goes to a control with Tab and presses it with Enter. */
export const enter = async (page: Page, wanted: string): Promise<void> => {
  await page.waitForSelector(wanted);
  await tabTo(page, wanted);
  await page.keyboard.press('Enter');
};
