import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SetupFailure } from './report.mjs';

/** @typedef {import('./report.mjs').Report} Report */

/**
 * One package of a lockfile, as far as it matters here.
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean }} LockedPackage
 * @typedef {Record<string, LockedPackage>} LockedPackages
 */

const progressMs = 500;
const keptOutput = 4_000;

/** The Node that Bedside runs on. @param {string} root the checkout */
export const nodeProgram = (root) => join(root, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');

/**
 * @param {string} path
 * @returns {LockedPackages | undefined}
 */
function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/**
 * Whether what is installed is what the lockfile names: the same packages with the same content. Optional ones may be
 * missing, for npm leaves out those of other machines.
 * @param {LockedPackages} locked of package-lock.json
 * @param {LockedPackages} installed of node_modules/.package-lock.json, which npm writes last
 */
export function isInstalled(locked, installed) {
  const names = new Set(
    [...Object.keys(locked), ...Object.keys(installed)].filter((name) => name.includes('node_modules/')),
  );
  return [...names].every((name) => {
    const [want, have] = [locked[name], installed[name]];
    if (want === undefined) return false;
    if (have === undefined) return want.optional === true;
    return want.version === have.version && want.integrity === have.integrity && want.link === have.link;
  });
}

/**
 * @param {string} program
 * @returns {string | undefined} its version, or undefined when it does not run
 */
function versionOf(program) {
  const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** @returns {[string, string[]]} how to call npm: the one that called us, else the one on the PATH */
function npmCommand() {
  const npm = process.env.npm_execpath;
  return npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
}

/**
 * @param {string} root
 * @param {readonly string[]} expected folders that will be there when all is done
 * @param {Report} report
 * @returns {Promise<void>}
 */
function runNpm(root, expected, report) {
  const [program, first] = npmCommand();
  const options = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const child = spawn(program, [...first, ...options], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output = (output + text).slice(-keptOutput);
    });
  }
  const timer = setInterval(() => {
    const present = expected.filter((folder) => existsSync(join(root, folder, 'package.json'))).length;
    report.progress(present, expected.length);
  }, progressMs);
  /** @type {Promise<void>} */
  const ended = new Promise((resolve, reject) => {
    /** @param {string} why */
    const fail = (why) =>
      reject(
        new SetupFailure(`npm could not install the packages of the lockfile:\n${why.trim()}`, [
          'npm ci --ignore-scripts',
        ]),
      );
    child.once('error', (cause) => fail(cause.message));
    child.once('close', (code) => (code === 0 ? resolve() : fail(output || `it ended with ${code}`)));
  });
  return ended.finally(() => clearInterval(timer));
}

/**
 * Installs the packages of the lockfile unless they are there, install scripts left out, and checks that the Node
 * among them runs.
 * @param {string} root the checkout
 * @param {Report} report
 */
export async function install(root, report) {
  const locked = readPackages(join(root, 'package-lock.json'));
  if (locked === undefined)
    throw new SetupFailure(`${join(root, 'package-lock.json')} is missing or damaged`, [
      'git checkout package-lock.json',
    ]);
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'));
  const node = nodeProgram(root);
  if (installed !== undefined && isInstalled(locked, installed) && statSync(node, { throwIfNoEntry: false })) return;

  report.begin('Installing packages');
  const expected = Object.entries(locked).filter(([name, { optional }]) => name.includes('node_modules/') && !optional);
  await runNpm(
    root,
    expected.map(([name]) => name),
    report,
  );
  if (versionOf(node) !== undefined) return;
  if (!existsSync(node))
    throw new SetupFailure(
      `There is no Node for this machine (linux ${process.arch}) among the packages. Bedside runs on linux x64 and arm64`,
    );
  throw new SetupFailure(
    `The Node that Bedside brings does not run here: ${node} --version fails. It needs glibc 2.28 or newer (Debian 10, RHEL 8)`,
  );
}
