import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface TempDir extends AsyncDisposable {
  readonly path: string;
}

/**
 * A folder under /tmp, removed when disposed of. Every account may pass through it: where root runs Bedside, Postgres
 * has an account of its own, and what that cannot reach it keeps elsewhere, where it would stay.
 */
export async function makeTempDir(): Promise<TempDir> {
  const path = await mkdtemp(join('/tmp', 'bedside-test-'));
  await chmod(path, 0o755);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
