/**
 * `npm test`: sets up what is missing, checks the code and runs every test. `npm test -- <filter>` runs only the tests
 * of matching files. Plain JavaScript that Node 20 runs.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explain } from './report.mjs';
import { root, runNode, setUp } from './run.mjs';
import { closingLine, tallyVitest } from './tally.mjs';

/**
 * Runs each `check:…` script of package.json, which is what `npm run check` is made of, and counts each as one.
 * @param {NodeJS.ProcessEnv} env
 */
function runChecks(env) {
  /** @type {Record<string, string>} */
  const scripts = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts;
  const tally = { passed: 0, failed: 0 };
  for (const [name, command] of Object.entries(scripts).filter(([key]) => key.startsWith('check:'))) {
    const began = performance.now();
    const { status } = spawnSync('/bin/sh', ['-c', command], { cwd: root, env, stdio: 'inherit' });
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    process.stdout.write(`${status === 0 ? '✓' : '✗'} ${name} (${seconds} s)\n`);
    if (status === 0) tally.passed += 1;
    else tally.failed += 1;
  }
  return tally;
}

/**
 * @param {readonly string[]} filters
 * @param {NodeJS.ProcessEnv} env
 */
async function runTests(filters, env) {
  const dir = mkdtempSync(join(tmpdir(), 'bedside-test-'));
  const file = join(dir, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const { code } = await runNode(
      [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...reporters, ...filters],
      { env },
    );
    return tallyVitest(readReport(file), code);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** @param {string} file */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** @returns {Promise<import('./tally.mjs').Tally>} */
async function main() {
  const env = await setUp('test');
  if (env === undefined) return { passed: 0, failed: 1 };
  const filters = process.argv.slice(2);
  const checked = filters.length > 0 ? { passed: 0, failed: 0 } : runChecks(env);
  const tested = await runTests(filters, env);
  return { passed: checked.passed + tested.passed, failed: checked.failed + tested.failed };
}

const tally = await main().catch((cause) => {
  explain(cause);
  return { passed: 0, failed: 1 };
});
process.exitCode = tally.failed > 0 ? 1 : 0;
process.stdout.write(`\n${closingLine(tally)}\n`);
