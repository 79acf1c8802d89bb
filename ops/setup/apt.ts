import { spawnSync } from 'node:child_process';
import { SetupFailure } from './report.mjs';
import { type ProgramResult, runProgram } from './run-program.ts';

export interface AptNeed {
  /** What cannot be done without them, as the end of "... needs". */
  why: string;
  packages: readonly string[];
}

export interface Apt {
  isRoot: boolean;
  run: (program: string, args: readonly string[]) => Promise<ProgramResult>;
}

const installOptions = ['-o', 'DPkg::Lock::Timeout=120', 'install', '-y', '--no-install-recommends'];

/** This machine's apt. */
export const systemApt: Apt = {
  isRoot: process.getuid?.() === 0,
  run: (program, args) =>
    runProgram(program, args, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' } }),
};

// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query reads them
const format = '${Package} ${db:Status-Abbrev}\n';

/** Of these packages, those that dpkg does not have installed. All of them where there is no dpkg. */
export function missingPackages(packages: readonly string[]): string[] {
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', format, ...packages], {
    encoding: 'utf8',
  });
  const installed = new Set(
    (stdout ?? '').split('\n').flatMap((line) => (line.includes(' ii') ? line.split(' ', 1) : [])),
  );
  return packages.filter((name) => !installed.has(name));
}

/** The line that somebody who may do so runs. */
const aptLine = (packages: readonly string[]) =>
  `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages.join(' ')}`;

/**
 * Installs what is missing when this is root on a machine with apt.
 * @throws {SetupFailure} with exactly what to run, when it may not or cannot.
 */
export async function ensurePackages(
  { why, packages }: AptNeed,
  note: (line: string) => void,
  { apt = systemApt, missing = missingPackages(packages) }: { apt?: Apt; missing?: readonly string[] } = {},
): Promise<void> {
  if (missing.length === 0) return;
  if (!apt.isRoot) throw new SetupFailure(`${why} needs packages that only root can install.`, [aptLine(missing)]);
  note(`apt-get install ${missing.join(' ')}`);
  // Lists may be absent or old: a failed update with usable lists is no obstacle, and without them the install says so.
  await apt.run('apt-get', ['-o', 'DPkg::Lock::Timeout=120', 'update', '-qq']);
  const { code, output } = await apt.run('apt-get', [...installOptions, '-qq', ...missing]);
  if (code === 0) return;
  const reason = code === undefined ? 'there is no apt-get on this machine' : output;
  throw new SetupFailure(`${why} needs packages that could not be installed (${missing.join(', ')}): ${reason}`, [
    aptLine(missing),
  ]);
}
