import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { axeFindings } from '../../src/axe.ts';
import { environment } from '../../src/env.ts';

const SIZES = [
  { width: 390, height: 844 },
  { width: 1440, height: 900 },
] as const;
const SCHEMES = ['light', 'dark'] as const;
const NARROWEST = { width: 320, height: 640 } as const;

/**
 * Judges a page as it stands, for somebody who wants less motion: axe on a phone and on a desk, light and dark; that
 * nothing moves; that at 320 px nothing has to be scrolled sideways. One line a finding. `SCREENSHOT_DIR` set: keeps a
 * picture of each.
 */
export const lookAt = async (page: Page, name: string): Promise<string[]> => {
  const findings: string[] = [];
  for (const size of SIZES) {
    await page.setViewport(size);
    for (const scheme of SCHEMES) {
      await page.emulateMediaFeatures([
        { name: 'prefers-color-scheme', value: scheme },
        { name: 'prefers-reduced-motion', value: 'reduce' },
      ]);
      // Colours that are still on their way from light to dark would be judged in between.
      await page.evaluate(async () => {
        const transitions = document.getAnimations().filter((animation) => animation instanceof CSSTransition);
        await Promise.allSettled(transitions.map(({ finished }) => finished));
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      });
      const look = `${name}-${size.width}-${scheme}`;
      findings.push(...(await axeFindings(page)).map((finding) => `${look}: ${finding}`));
      const dir = environment.SCREENSHOT_DIR;
      if (dir) await page.screenshot({ path: join(dir, `${look}.png`) as `${string}.png` });
    }
  }
  const moving = await page.evaluate(() =>
    document
      .getAnimations()
      .filter(({ playState }) => playState === 'running')
      .map(({ effect }) => (effect instanceof KeyframeEffect ? (effect.target?.className ?? '') : ''))
      // The level bar follows the voice: what moves there is what it says.
      .filter((name) => name !== 'level'),
  );
  findings.push(...moving.map((what) => `${name}: ${what} moves`));
  await page.setViewport(NARROWEST);
  const tooWide = await page.evaluate((width) => {
    if (document.documentElement.scrollWidth <= width) return [];
    const elements = [...document.querySelectorAll('body *')];
    const outside = elements.filter((element) => element.getBoundingClientRect().right > width);
    return [`${document.documentElement.scrollWidth} px`, ...outside.map(({ className }) => String(className))];
  }, NARROWEST.width);
  if (tooWide.length > 0) findings.push(`${name} on a screen of ${NARROWEST.width} px: ${tooWide.join(', ')}`);
  await page.setViewport(SIZES[0]);
  return findings;
};
