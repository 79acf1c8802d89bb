import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { acquireProcessLock } from '../process-lock.ts';
import { type Report, SetupFailure } from './report.mjs';
import { buildWorker } from './worker-build.ts';
import { cacheDirs, type Provenance, provenanceFile, whyNotRunning, workerFile, workerKey } from './worker-cache.ts';
import { downloadWorker, releasesUrl } from './worker-download.ts';

export interface WorkerOptions {
  /** The checkout. */
  root: string;
  env: NodeJS.ProcessEnv;
  report: Report;
}

/** A build takes minutes, on a slow machine many. */
const otherBuildMs = 30 * 60_000;
const draftInfix = '.draft-';

interface MediasoupPackage {
  version: string;
  repository: { url: string };
}

/** What the operator named, when it starts. */
async function givenWorker(path: string): Promise<string> {
  const obstacle = await whyNotRunning(path);
  if (obstacle === undefined) return path;
  throw new SetupFailure(`MEDIASOUP_WORKER_BIN names ${path}, which does not start: ${obstacle}`, [
    'unset MEDIASOUP_WORKER_BIN',
  ]);
}

async function cachedWorker(folder: string): Promise<string | undefined> {
  const path = join(folder, workerFile);
  return (await whyNotRunning(path)) === undefined ? path : undefined;
}

interface MakeOptions extends WorkerOptions {
  folder: string;
  version: string;
  baseUrl: string;
}

/** Puts a worker into its folder: downloaded, else built, beside its place and moved in when it starts. */
async function makeWorker({ root, env, report, folder, version, baseUrl }: MakeOptions): Promise<string> {
  await removeDrafts(folder);
  const draft = await mkdtemp(`${folder}${draftInfix}`);
  try {
    const source = await downloadOrBuild({ root, env, report, draft, version, baseUrl });
    const finished = join(draft, 'finished');
    await mkdir(finished);
    await rename(join(draft, workerFile), join(finished, workerFile));
    const obstacle = await whyNotRunning(join(finished, workerFile));
    if (obstacle !== undefined)
      throw new SetupFailure(`The mediasoup worker was built but does not start: ${obstacle}`);
    const provenance: Provenance = { source, version, at: new Date().toISOString() };
    await writeFile(join(finished, provenanceFile), `${JSON.stringify(provenance)}\n`);
    await chmod(join(finished, provenanceFile), 0o644);
    await chmod(finished, 0o755);
    await rm(folder, { recursive: true, force: true });
    await rename(finished, folder);
    report.note(`mediasoup worker ${version}: ${source === 'build' ? 'built here' : 'downloaded'}, kept in ${folder}`);
    return join(folder, workerFile);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Those of builds that were killed: the lock is ours, so nobody works in them. */
async function removeDrafts(folder: string): Promise<void> {
  const prefix = `${basename(folder)}${draftInfix}`;
  const drafts = (await readdir(dirname(folder))).filter((name) => name.startsWith(prefix));
  await Promise.all(
    drafts.map((name) => rm(join(dirname(folder), name), { recursive: true, force: true, maxRetries: 5 })),
  );
}

interface ObtainOptions extends WorkerOptions {
  draft: string;
  version: string;
  baseUrl: string;
}

async function downloadOrBuild({
  root,
  env,
  report,
  draft,
  version,
  baseUrl,
}: ObtainOptions): Promise<Provenance['source']> {
  // mediasoup's own switch for those who want no foreign binary.
  if (!env.MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD) {
    const to = await mkdtemp(join(draft, 'download-'));
    try {
      await downloadWorker({ version, baseUrl, to, onProgress: report.progress });
      await rename(join(to, workerFile), join(draft, workerFile));
      return 'download';
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      report.note(`the prebuilt worker cannot be had (${reason}): building it, which takes a few minutes`);
    }
  }
  const to = await mkdtemp(join(draft, 'build-'));
  const sourceDir = join(root, 'node_modules', 'mediasoup', 'worker');
  await buildWorker({
    recipeDir: join(root, 'ops', 'worker'),
    sourceDir,
    to,
    onProgress: report.progress,
    note: report.note,
  });
  await rename(join(to, workerFile), join(draft, workerFile));
  return 'build';
}

async function makeCacheDir(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true }).catch((cause: Error) => {
    throw new SetupFailure(`The cache folder ${path} cannot be made: ${cause.message}`, [
      'export BEDSIDE_CACHE_DIR=<a folder of yours>',
    ]);
  });
  if (first === undefined || process.getuid?.() !== 0) return;
  for (let made = path; ; made = dirname(made)) {
    await chmod(made, 0o755);
    if (made === first) return;
  }
}

/**
 * Provides mediasoup's worker: the one that `MEDIASOUP_WORKER_BIN` names, else one from the cache, else a new one.
 * @returns its path; it was seen to start.
 * @throws {SetupFailure} with what to run.
 */
export async function provideWorker({ root, env, report }: WorkerOptions): Promise<string> {
  if (env.MEDIASOUP_WORKER_BIN) return givenWorker(env.MEDIASOUP_WORKER_BIN);
  const packageFile = join(root, 'node_modules', 'mediasoup', 'package.json');
  const { version, repository } = JSON.parse(await readFile(packageFile, 'utf8')) as MediasoupPackage;
  const key = workerKey(join(root, 'ops', 'worker'), version);
  const dirs = cacheDirs(env);
  for (const dir of dirs) {
    const found = await cachedWorker(join(dir, key));
    if (found !== undefined) return found;
  }
  report.begin(`Providing the mediasoup worker ${version}`);
  const folder = join(dirs[0], key);
  await makeCacheDir(dirs[0]);
  const onWait = ({ pid }: { pid: number }) => report.note(`process ${pid} is building it; waiting for that`);
  await using _ = await acquireProcessLock({ path: `${folder}.lock`, waitMs: otherBuildMs, onWait });
  const baseUrl = env.MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL || releasesUrl(repository.url);
  // Awaited here, for the lock is held to the end of this block.
  return (await cachedWorker(folder)) ?? (await makeWorker({ root, env, report, folder, version, baseUrl }));
}
