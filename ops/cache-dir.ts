import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where what is built or unpacked once is kept: `BEDSIDE_CACHE_DIR`, else /var/cache/bedside for root (readable by
 * all), else the XDG cache folder of the user.
 */
export function cacheDir(env: Readonly<Record<string, string | undefined>>, uid = process.getuid?.()): string {
  if (env.BEDSIDE_CACHE_DIR) return env.BEDSIDE_CACHE_DIR;
  if (uid === 0) return '/var/cache/bedside';
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'bedside');
}
