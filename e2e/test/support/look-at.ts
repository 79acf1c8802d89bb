import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { axeFindings } from '../../src/axe.ts';
import { environment } from '../../src/env.ts';
import { resize } from './resize.ts';
import { settled } from './settled.ts';

const SIZES = [
  { width: 390, height: 844 },
  { width: 1440, height: 900 },
] as const;
const SCHEMES = ['light', 'dark'] as const;
const NARROWEST = { width: 320, height: 640 } as const;

/**
 * Judges a page as it stands once nothing is looked up any more, for somebody who wants less motion: axe on a phone and
 * on a desk, light and dark; that nothing moves; that at 320 px nothing has to be scrolled sideways. One line a finding.
 * `SCREENSHOT_DIR` set: keeps a picture of each. The window is afterwards as it was.
 */
export const lookAt = async (page: Page, name: string): Promise<string[]> => {
  const findings: string[] = [];
  const before = page.viewport() ?? SIZES[0];
  await settled(page);
  for (const size of SIZES) {
    await resize(page, size);
    for (const scheme of SCHEMES) {
      await page.emulateMediaFeatures([
        { name: 'prefers-color-scheme', value: scheme },
        { name: 'prefers-reduced-motion', value: 'reduce' },
      ]);
      // The new scheme shows with the next frame, and nothing may be on its way to it: less motion is asked for.
      const onTheirWay = await page.evaluate(async () => {
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        return document.getAnimations().filter((animation) => animation instanceof CSSTransition).length;
      });
      if (onTheirWay > 0) findings.push(`${name}: ${onTheirWay} properties change gradually`);
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
  await resize(page, NARROWEST);
  const tooWide = await page.evaluate((width) => {
    if (document.documentElement.scrollWidth <= width) return [];
    const elements = [...document.querySelectorAll('body *')];
    const outside = elements.filter((element) => element.getBoundingClientRect().right > width);
    return [`${document.documentElement.scrollWidth} px`, ...outside.map(({ className }) => String(className))];
  }, NARROWEST.width);
  if (tooWide.length > 0) findings.push(`${name} on a screen of ${NARROWEST.width} px: ${tooWide.join(', ')}`);
  await resize(page, before);
  return findings;
};
