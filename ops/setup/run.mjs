import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install, nodeProgram } from './install.mjs';
import { step } from './report.mjs';

/** The checkout. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * The environment of what runs after the set-up: its Node and tools come first on the PATH.
 * @param {Record<string, string | undefined>} [found] what the set-up found or made
 */
function childEnv(found = {}) {
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  // Stripped types and compiled code are kept: half of a warm start otherwise. Where it cannot be written, nothing is lost.
  const compileCache = join(root, 'node_modules', '.cache', 'node');
  return { NODE_USE_ENV_PROXY: '1', NODE_COMPILE_CACHE: compileCache, ...process.env, ...found, PATH: path };
}

/**
 * Runs a program of the installed Node to its end.
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, stdio?: import('node:child_process').StdioOptions, cwd?: string }} [options]
 * @returns {Promise<{ code: number, answer: string }>} the exit code, and what it wrote to descriptor 3 if that is a pipe
 */
export function runNode(args, { env = childEnv(), stdio = 'inherit', cwd = root } = {}) {
  const child = spawn(nodeProgram(root), args, { cwd, env, stdio });
  let answer = '';
  child.stdio[3]?.on('data', (chunk) => {
    answer += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, answer }));
  });
}

/**
 * All the set-up: packages under whatever Node runs this, the rest under the Node among them.
 * @param {'start' | 'test'} purpose
 * @returns {Promise<NodeJS.ProcessEnv | undefined>} the environment to go on with; undefined when the rest failed and said so
 */
export async function setUp(purpose) {
  await step((report) => install(root, report));
  const { code, answer } = await runNode([join(root, 'ops', 'setup', 'prepare.ts'), purpose], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
  });
  return code === 0 ? childEnv(JSON.parse(answer)) : undefined;
}

/**
 * The name and the parent of a process; a parent of 0 when it is gone.
 * @param {number} pid
 */
function lookAt(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [start, end] = [stat.indexOf('('), stat.lastIndexOf(')')];
    return { name: stat.slice(start + 1, end), parent: Number(stat.slice(end + 2).split(' ')[1]) };
  } catch {
    return { name: '', parent: 0 };
  }
}

const watchMs = 500;

/**
 * Calls back when the npm that runs this is gone without a signal (kill -9). Between the two may stand a shell, so
 * two generations are watched; started without npm, nobody is.
 * @param {() => void} onGone
 */
export function watchNpm(onGone) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const { name, parent: grandparent } = lookAt(parent);
  const isShell = ['sh', 'dash', 'bash'].includes(name);
  const timer = setInterval(() => {
    if (process.ppid === parent && (!isShell || lookAt(parent).parent === grandparent)) return;
    clearInterval(timer);
    onGone();
  }, watchMs);
  timer.unref();
}
