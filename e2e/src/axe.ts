import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'puppeteer-core';

const AXE_PATH = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Checks a page as it stands (WCAG 2.2 A and AA, best practices). One readable line a finding; empty when all is well. */
export const axeFindings = async (page: Page): Promise<string[]> => {
  // By the debugger, not as a script element: the pages' content security policy lets none in.
  await page.evaluate(await readFile(AXE_PATH, 'utf8'));
  const { violations } = await page.evaluate(
    (): Promise<AxeResults> => (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  return violations.flatMap(({ id, impact, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => {
      const why = (failureSummary ?? '').split('\n').slice(1, 3).join(' ').trim();
      return `${impact ?? 'unrated'} ${id} at ${target.flat().join(' ')}: ${help}. ${why}`;
    }),
  );
};
