import { execFile } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { arch, platform, release } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { whyNotRunning, workerFile } from './worker-cache.ts';

const run = promisify(execFile);
const patienceMs = 4_000;
const totalMs = 120_000;

export interface DownloadOptions {
  version: string;
  /** The folder of the releases: `<base>/<version>/<archive>`. */
  baseUrl: string;
  /** An empty folder for the worker. */
  to: string;
  onProgress?: (done: number, total: number) => void;
  /** How long the first answer may take; 4 s when not given. */
  answerMs?: number;
}

/** The archive's name as mediasoup's own npm-scripts.mjs builds it. */
export function archiveName(version: string): string {
  return `${workerFile}-${version}-${platform()}-${arch()}-kernel${Number.parseInt(release(), 10)}.tgz`;
}

/** Where mediasoup's releases are, from the `repository` of its package. */
export function releasesUrl(repositoryUrl: string): string {
  return `${repositoryUrl.replace(/^git\+/, '').replace(/\.git$/, '')}/releases/download`;
}

async function fetchArchive({ version, baseUrl, onProgress, answerMs = patienceMs }: DownloadOptions): Promise<Buffer> {
  const noAnswer = new AbortController();
  const timer = setTimeout(() => noAnswer.abort(new Error('no answer')), answerMs);
  const signal = AbortSignal.any([noAnswer.signal, AbortSignal.timeout(totalMs)]);
  const url = `${baseUrl}/${version}/${archiveName(version)}`;
  const response = await fetch(url, { signal })
    .catch((cause: Error & { cause?: { code?: string } }) => {
      throw cause.cause?.code === undefined ? cause : new Error(`no connection: ${cause.cause.code}`, { cause });
    })
    .finally(() => clearTimeout(timer));
  if (!response.ok || response.body === null) throw new Error(`the answer was ${response.status}`);
  const total = Number(response.headers.get('content-length') ?? 0);
  const chunks: Uint8Array[] = [];
  let done = 0;
  for await (const chunk of response.body) {
    chunks.push(chunk);
    done += chunk.length;
    if (total > 0) onProgress?.(done, total);
  }
  return Buffer.concat(chunks);
}

/**
 * Downloads mediasoup's prebuilt worker, in 4 s to the first answer and 120 s in all, and checks that it starts here.
 * @throws with the reason when it cannot be had; whoever asked builds it then.
 */
export async function downloadWorker(options: DownloadOptions): Promise<void> {
  const archive = join(options.to, 'archive.tgz');
  await writeFile(archive, await fetchArchive(options));
  await run('tar', ['-xzf', archive, '-C', options.to, workerFile]);
  const path = join(options.to, workerFile);
  await chmod(path, 0o755);
  const obstacle = await whyNotRunning(path);
  if (obstacle !== undefined) throw new Error(`it does not start here: ${obstacle}`);
}
