import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface TempDir extends AsyncDisposable {
  readonly path: string;
}

/** A folder under /tmp that every account may pass through, removed when disposed of. */
export async function makeTempDir(): Promise<TempDir> {
  const path = await mkdtemp(join('/tmp', 'bedside-ops-'));
  await chmod(path, 0o755);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
