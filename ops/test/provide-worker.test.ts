import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTempDir, type TempDir } from '@bedside/kit/temp-dir';
import { afterEach, expect, test, vi } from 'vitest';
import type { Report } from '../setup/report.mjs';
import { provideWorker } from '../setup/worker.ts';
import { downloadWorker } from '../setup/worker-download.ts';
import { packFakeWorker, serveReleases, writeFakeWorker } from './support/releases.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const ninja = `#!/bin/sh
echo "$2" >> "$(dirname "$0")/built"
echo '[1/2] one'
echo '[2/2] two'
printf '#!/bin/sh\\nexit 41\\n' > "$2/mediasoup-worker"
`;
const brokenNinja = `#!/bin/sh
echo 'no such header: srtp.h'
exit 1
`;

interface Machine extends AsyncDisposable {
  readonly root: string;
  readonly cache: string;
  readonly notes: string[];
  readonly report: Report;
  builds(): Promise<number>;
}

/** A checkout with little in it, and a PATH whose build tools are ours. */
async function makeMachine({ ninjaScript = ninja } = {}): Promise<Machine> {
  const dir: TempDir = await makeTempDir();
  const root = join(dir.path, 'checkout');
  const bin = join(dir.path, 'bin');
  await mkdir(join(root, 'node_modules', 'mediasoup'), { recursive: true });
  await mkdir(join(root, 'ops', 'worker'), { recursive: true });
  await mkdir(bin);
  const description = { version: '3.27.1', repository: { url: 'git+http://127.0.0.1:1/nowhere.git' } };
  await writeFile(join(root, 'node_modules', 'mediasoup', 'package.json'), JSON.stringify(description));
  await writeFile(join(root, 'ops', 'worker', 'CMakeLists.txt'), 'project(worker)');
  // `dpkg-query -W -f <format> <package>…`: all are installed.
  const dpkgQuery = '#!/bin/sh\nshift 3\nfor name; do echo "$name ii"; done\n';
  for (const [name, script] of Object.entries({ cmake: '#!/bin/sh\n', ninja: ninjaScript, 'dpkg-query': dpkgQuery })) {
    await writeFile(join(bin, name), script);
    await chmod(join(bin, name), 0o755);
  }
  vi.stubEnv('PATH', `${bin}:${process.env.PATH}`);
  const notes: string[] = [];
  const report = { begin: () => undefined, progress: () => undefined, note: (line: string) => void notes.push(line) };
  const builds = async () => (await readFile(join(bin, 'built'), 'utf8').catch(() => '')).split('\n').length - 1;
  return {
    root,
    cache: join(dir.path, 'cache'),
    notes,
    report,
    builds,
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

const envOf = (machine: Machine, baseUrl: string) => ({
  BEDSIDE_CACHE_DIR: machine.cache,
  MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL: baseUrl,
});

async function provenanceOf(worker: string): Promise<unknown> {
  return JSON.parse(await readFile(worker.replace(/[^/]+$/, 'provenance.json'), 'utf8'));
}

test('a prebuilt worker that starts here is downloaded once and kept with its origin', async () => {
  await using machine = await makeMachine();
  const archive = await packFakeWorker();
  await using releases = await serveReleases((response) => response.end(archive));
  const options = { root: machine.root, env: envOf(machine, releases.url), report: machine.report };
  const path = await provideWorker(options);
  expect(path.startsWith(`${machine.cache}/mediasoup-worker-3.27.1-`)).toBe(true);
  expect(await provenanceOf(path)).toMatchObject({ source: 'download', version: '3.27.1' });
  expect(await provideWorker(options)).toBe(path);
  expect(releases.requests).toEqual([expect.stringMatching(/^\/3\.27\.1\/mediasoup-worker-3\.27\.1-linux-.*\.tgz$/)]);
  expect(await machine.builds()).toBe(0);
});

test('what is not at hand to download is built, and one line says why', async () => {
  await using machine = await makeMachine();
  await using releases = await serveReleases((response) => response.writeHead(404).end());
  const path = await provideWorker({ root: machine.root, env: envOf(machine, releases.url), report: machine.report });
  expect(await provenanceOf(path)).toMatchObject({ source: 'build' });
  expect(machine.notes).toEqual([
    'the prebuilt worker cannot be had (the answer was 404): building it, which takes a few minutes',
    expect.stringContaining('built here, kept in'),
  ]);
});

test('a host that cannot be reached is given up at once', async () => {
  await using machine = await makeMachine();
  // Nothing listens on port 1.
  await provideWorker({ root: machine.root, env: { BEDSIDE_CACHE_DIR: machine.cache }, report: machine.report });
  expect(machine.notes[0]).toMatch(/^the prebuilt worker cannot be had \(.+\): building it/);
  expect(await machine.builds()).toBe(1);
});

test('a host that never answers is given up in bounded time', async () => {
  await using dir = await makeTempDir();
  await using releases = await serveReleases(() => undefined);
  const download = downloadWorker({ version: '3.27.1', baseUrl: releases.url, to: dir.path, answerMs: 50 });
  await expect(download).rejects.toThrow('no answer');
});

test('a prebuilt worker that does not start here is not used', async () => {
  await using machine = await makeMachine();
  const archive = await packFakeWorker(127);
  await using releases = await serveReleases((response) => response.end(archive));
  await provideWorker({ root: machine.root, env: envOf(machine, releases.url), report: machine.report });
  expect(machine.notes[0]).toContain('it does not start here: it ended with 127');
  expect(await machine.builds()).toBe(1);
});

test('who wants no prebuilt worker is asked for none', async () => {
  await using machine = await makeMachine();
  await using releases = await serveReleases((response) => response.end());
  const env = { ...envOf(machine, releases.url), MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD: 'true' };
  await provideWorker({ root: machine.root, env, report: machine.report });
  expect([releases.requests.length, await machine.builds()]).toEqual([0, 1]);
});

test('two set-ups at once build once', async () => {
  await using machine = await makeMachine();
  const options = { root: machine.root, env: { BEDSIDE_CACHE_DIR: machine.cache }, report: machine.report };
  const [one, other] = await Promise.all([provideWorker(options), provideWorker(options)]);
  expect(one).toBe(other);
  expect(await machine.builds()).toBe(1);
});

test('the half-made worker of a killed set-up is removed, a cached one that no longer starts is replaced', async () => {
  await using machine = await makeMachine();
  const options = { root: machine.root, env: { BEDSIDE_CACHE_DIR: machine.cache }, report: machine.report };
  const path = await provideWorker(options);
  const folder = path.replace(/\/[^/]+$/, '');
  await mkdir(`${folder}.draft-killed`);
  await writeFakeWorker(path, 127);
  expect(await provideWorker(options)).toBe(path);
  expect(await machine.builds()).toBe(2);
  expect(await readdir(machine.cache)).toEqual([folder.slice(machine.cache.length + 1)]);
});

test('a change of the recipe makes another worker', async () => {
  await using machine = await makeMachine();
  const options = { root: machine.root, env: { BEDSIDE_CACHE_DIR: machine.cache }, report: machine.report };
  const before = await provideWorker(options);
  await writeFile(join(machine.root, 'ops', 'worker', 'CMakeLists.txt'), 'project(worker CXX)');
  expect(await provideWorker(options)).not.toBe(before);
});

test('a build that fails ends with what the tool said', async () => {
  await using machine = await makeMachine({ ninjaScript: brokenNinja });
  const provided = provideWorker({
    root: machine.root,
    env: { BEDSIDE_CACHE_DIR: machine.cache },
    report: machine.report,
  });
  await expect(provided).rejects.toThrow(/could not be built; ninja said:\nno such header: srtp\.h/);
});

test('the worker that the operator names is used when it starts, and refused with its reason when not', async () => {
  await using machine = await makeMachine();
  const path = join(machine.root, 'own-worker');
  const options = { root: machine.root, env: { MEDIASOUP_WORKER_BIN: path }, report: machine.report };
  await expect(provideWorker(options)).rejects.toThrow(/MEDIASOUP_WORKER_BIN names .* does not start: .*ENOENT/);
  await writeFakeWorker(path);
  expect(await provideWorker(options)).toBe(path);
});
