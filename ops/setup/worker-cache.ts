import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { arch } from 'node:os';
import { join } from 'node:path';
import { cacheDir } from '../cache-dir.ts';
import { runProgram } from './run-program.ts';

/** How a worker came to be here; written beside it. */
export interface Provenance {
  source: 'download' | 'build';
  version: string;
  /** ISO 8601. */
  at: string;
}

export const workerFile = 'mediasoup-worker';
export const provenanceFile = 'provenance.json';

/** What the worker answers to a start without its version, once all its libraries were found. */
const loadedExitCode = 41;
const startMs = 10_000;

function filesUnder(dir: string): string[] {
  const entries = readdirSync(dir, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.md'))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** A hash of everything in a folder but its prose, names included. */
function hashFolder(dir: string): string {
  const hash = createHash('sha256');
  for (const path of filesUnder(dir).sort())
    hash.update(path.slice(dir.length)).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}

/** The distribution and its release, as in "debian12": a worker is linked against its libraries. */
export function distribution(osRelease: string): string {
  const value = (name: string) => osRelease.match(new RegExp(`^${name}="?([^"\n]*)"?$`, 'm'))?.[1] ?? '';
  return `${value('ID') || 'linux'}${value('VERSION_ID')}`;
}

/** The name of the cache folder of one worker: nothing that changes the binary is missing from it. */
export function workerKey(recipeDir: string, version: string): string {
  const release = distribution(readFileSync('/etc/os-release', 'utf8'));
  return `${workerFile}-${version}-${arch()}-${release}-${hashFolder(recipeDir).slice(0, 12)}`;
}

/**
 * The folders to look in, the one to write to first. An ordinary user takes what root has built; root never runs what
 * others could have put there.
 */
export function cacheDirs(env: NodeJS.ProcessEnv, uid = process.getuid?.()): [string, ...string[]] {
  const own = cacheDir(env, uid);
  const shared = cacheDir({}, 0);
  return own === shared || uid === 0 ? [own] : [own, shared];
}

/** Tries whether the worker starts here. Resolves to what stands in the way, or undefined. */
export async function whyNotRunning(path: string): Promise<string | undefined> {
  // Without MEDIASOUP_VERSION it ends at once; without one of its libraries it does not get that far.
  const { code, output } = await runProgram(path, [], { env: {}, timeoutMs: startMs });
  return code === loadedExitCode ? undefined : output || `it ended with ${code}`;
}
