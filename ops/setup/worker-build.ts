import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ensurePackages } from './apt.ts';
import { SetupFailure } from './report.mjs';
import { runProgram } from './run-program.ts';
import { workerFile } from './worker-cache.ts';

/** What Debian packages of the build: the tools, and the libraries that the worker is linked against. */
const buildPackages = [
  'cmake',
  'ninja-build',
  'g++',
  'libflatbuffers-dev',
  'flatbuffers-compiler',
  'libsrtp2-dev',
  'libuv1-dev',
  'libssl-dev',
  'libabsl-dev',
];

export interface BuildOptions {
  /** ops/worker: the CMake project. */
  recipeDir: string;
  /** The `worker/` folder of the mediasoup package. */
  sourceDir: string;
  /** An empty folder for the build and the worker. */
  to: string;
  onProgress: (done: number, total: number) => void;
  note: (line: string) => void;
}

/** Ninja begins each line with "[done/total]". */
export function parseNinja(line: string): { done: number; total: number } | undefined {
  const match = /^\[(\d+)\/(\d+)\]/.exec(line);
  return match ? { done: Number(match[1]), total: Number(match[2]) } : undefined;
}

async function run(program: string, args: readonly string[], onLine?: (line: string) => void): Promise<void> {
  const { code, output } = await runProgram(program, args, onLine && { onLine });
  if (code !== 0) throw new SetupFailure(`The mediasoup worker could not be built; ${program} said:\n${output}`);
}

/**
 * Builds the worker from the sources in its npm package against the distribution's libraries: 3 to 5 minutes on two
 * cores. As root it installs what the build needs.
 * @throws {SetupFailure} with what to run or what the compiler said.
 */
export async function buildWorker({ recipeDir, sourceDir, to, onProgress, note }: BuildOptions): Promise<void> {
  await ensurePackages({ why: 'Building the mediasoup worker', packages: buildPackages }, note);
  const build = join(to, 'build');
  await mkdir(build);
  await run('cmake', ['-S', recipeDir, '-B', build, '-G', 'Ninja', `-DWORKER_SOURCE=${sourceDir}`]);
  await run('ninja', ['-C', build], (line) => {
    const at = parseNinja(line);
    if (at !== undefined) onProgress(at.done, at.total);
  });
  await copyFile(join(build, workerFile), join(to, workerFile));
  await chmod(join(to, workerFile), 0o755);
}
