import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ensurePackages } from './apt.ts';
import { type Report, SetupFailure } from './report.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The first Chromium or Chrome on a PATH. */
export function findChromium(path: string): string | undefined {
  const dirs = path.split(delimiter).filter((dir) => dir !== '');
  return names.flatMap((name) => dirs.map((dir) => join(dir, name))).find(isProgram);
}

/**
 * Provides the browser of the tests: `CHROMIUM_BIN`, else one on the PATH, else Debian's.
 * @returns its path.
 * @throws {SetupFailure} with what to run.
 */
export async function provideChromium(env: NodeJS.ProcessEnv, report: Report): Promise<string> {
  const given = env.CHROMIUM_BIN || env.PUPPETEER_EXECUTABLE_PATH;
  if (given) {
    if (isProgram(given)) return given;
    throw new SetupFailure(`CHROMIUM_BIN names ${given}, which is no program.`, [
      'unset CHROMIUM_BIN PUPPETEER_EXECUTABLE_PATH',
    ]);
  }
  const path = env.PATH ?? '/usr/bin';
  const found = findChromium(path);
  if (found !== undefined) return found;
  report.begin('Installing Chromium for the browser tests');
  await ensurePackages({ why: 'Testing in a browser', packages: ['chromium'] }, report.note, { missing: ['chromium'] });
  const installed = findChromium(`${path}${delimiter}/usr/bin`);
  if (installed === undefined)
    throw new SetupFailure('Chromium was installed but is not to be found; name it: CHROMIUM_BIN=<program>');
  return installed;
}
