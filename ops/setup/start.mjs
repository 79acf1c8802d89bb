/** `npm start`: sets up what is missing, then runs Bedside until it is stopped. Plain JavaScript that Node 20 runs. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { nodeProgram } from './install.mjs';
import { explain } from './report.mjs';
import { root, setUp, watchNpm } from './run.mjs';

/** The terminal and npm both deliver one Ctrl-C. */
const sameSignalMs = 1_000;

/** @param {NodeJS.ProcessEnv} env */
function runBedside(env) {
  // In a process group of its own, so that a signal reaches it once, from here; the channel tells it when we are killed.
  const child = spawn(nodeProgram(root), [join(root, 'ops', 'up', 'main.ts'), ...process.argv.slice(2)], {
    cwd: root,
    env,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    detached: true,
  });
  let last = Number.NEGATIVE_INFINITY;
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      const now = performance.now();
      if (now - last > sameSignalMs) child.kill(signal);
      last = now;
    });
  }
  watchNpm(() => child.kill('SIGTERM'));
  child.once('error', (cause) => {
    explain(cause);
    process.exitCode = 1;
  });
  child.once('exit', (code, signal) => {
    process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
  });
}

try {
  const env = await setUp('start');
  if (env === undefined) process.exitCode = 1;
  else runBedside(env);
} catch (cause) {
  explain(cause);
  process.exitCode = 1;
}
