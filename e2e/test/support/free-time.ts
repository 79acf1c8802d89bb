import type { Page } from 'puppeteer-core';
import { byTestId } from '../../src/people.ts';

const DAY_MS = 86_400_000;

const slot = (startsAt: string): string => `${byTestId('book-slot')}[data-starts-at="${startsAt}"]`;

/**
 * Asks the list of free times for those from so many days on, and gives the first start. The first of all may begin,
 * or collide with what the patient has today, while a test is still looking at it.
 */
export const freeTime = async (page: Page, daysAhead: number): Promise<string> => {
  const from = byTestId('book-from');
  await page.waitForSelector(from);
  const today = await page.$eval(from, (input) => (input as HTMLInputElement).min);
  const date = new Date(Date.parse(today) + daysAhead * DAY_MS).toISOString().slice(0, 10);
  await page.locator(from).fill(date);
  const found = await page.waitForFunction(
    (day, time, first) => {
      const days = [...document.querySelectorAll<HTMLElement>(day)];
      const isOfBefore = days.some(({ dataset }) => (dataset.date ?? '') < first);
      return isOfBefore ? '' : days[0]?.querySelector<HTMLElement>(time)?.dataset.startsAt;
    },
    {},
    byTestId('book-day'),
    byTestId('book-slot'),
    date,
  );
  return (await found.jsonValue()) ?? '';
};

/** Presses a start in the list of free times. */
export const pressTime = (page: Page, startsAt: string): Promise<void> => page.locator(slot(startsAt)).click();
