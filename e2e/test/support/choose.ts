import type { Page } from 'puppeteer-core';
import { byTestId } from '../../src/people.ts';

/** Chooses the option whose words hold these, once it is there. */
export const choose = async (page: Page, id: string, words: string): Promise<void> => {
  const found = await page.waitForFunction(
    (selector, text) =>
      [...document.querySelectorAll<HTMLOptionElement>(`${selector} option`)].find((option) =>
        option.textContent?.includes(text),
      )?.value,
    {},
    byTestId(id),
    words,
  );
  await page.select(byTestId(id), (await found.jsonValue()) ?? '');
};
