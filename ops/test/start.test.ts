import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { makeTempDir } from '@bedside/kit/temp-dir';
import { expect, test } from 'vitest';

const setupDir = join(import.meta.dirname, '..', 'setup');
/** The machine's own Node where it has one: it is what runs the set-up on a fresh clone. */
const machineNode = existsSync('/usr/bin/node') ? '/usr/bin/node' : process.execPath;

/** Tells each signal it gets and the loss of its parent, and ends as it is asked to. */
const fakeBedside = `
const say = (line) => process.stdout.write(line + '\\n');
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => say(signal));
process.once('disconnect', () => { say('parent gone'); process.exit(0); });
process.on('SIGUSR2', () => process.exit(7));
setInterval(() => undefined, 60_000);
say('ready ' + process.pid + ' ' + process.env.MEDIASOUP_WORKER_BIN);
`;
const fakePrepare = `
import { writeSync } from 'node:fs';
writeSync(3, JSON.stringify({ MEDIASOUP_WORKER_BIN: '/the/worker' }));
`;
const failingPrepare = `
process.stderr.write('what to do');
process.exitCode = 1;
`;

/** A checkout in which all is installed and Bedside is a stand-in. */
async function makeCheckout(root: string, prepare = fakePrepare): Promise<string> {
  const bin = join(root, 'node_modules', `node-linux-${process.arch}`, 'bin');
  await mkdir(bin, { recursive: true });
  await mkdir(join(root, 'ops', 'setup'), { recursive: true });
  await mkdir(join(root, 'ops', 'up'));
  await symlink(process.execPath, join(bin, 'node'));
  for (const name of ['start.mjs', 'run.mjs', 'install.mjs', 'report.mjs']) {
    await copyFile(join(setupDir, name), join(root, 'ops', 'setup', name));
  }
  await writeFile(join(root, 'package-lock.json'), '{"packages":{}}');
  await writeFile(join(root, 'node_modules', '.package-lock.json'), '{"packages":{}}');
  await writeFile(join(root, 'ops', 'setup', 'prepare.ts'), prepare);
  await writeFile(join(root, 'ops', 'up', 'main.ts'), fakeBedside);
  return join(root, 'ops', 'setup', 'start.mjs');
}

interface Started {
  child: ChildProcess;
  lines: AsyncIterator<string>;
  next(): Promise<string>;
  bedsidePid: number;
}

async function start(program: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Started> {
  const ownEnv = { ...process.env };
  delete ownEnv.npm_lifecycle_event;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...ownEnv, ...env } });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => String((await lines.next()).value);
  const [word, pid, worker] = (await next()).split(' ');
  expect([word, worker]).toEqual(['ready', '/the/worker']);
  return { child, lines, next, bedsidePid: Number(pid) };
}

test('one Ctrl-C, delivered by the terminal and by npm, reaches Bedside once; another signal as itself', async () => {
  await using dir = await makeTempDir();
  const { child, next, bedsidePid } = await start(machineNode, [await makeCheckout(dir.path)]);
  child.kill('SIGINT');
  expect(await next()).toBe('SIGINT');
  child.kill('SIGINT');
  const ended = once(child, 'exit');
  process.kill(bedsidePid, 'SIGUSR2');
  expect(await ended).toEqual([7, null]);
  expect(await next()).toBe('undefined');
});

test('the exit code is Bedside’s, and 128 + n when signal n ended it', async () => {
  await using dir = await makeTempDir();
  const { child, bedsidePid } = await start(machineNode, [await makeCheckout(dir.path)]);
  const ended = once(child, 'exit');
  process.kill(bedsidePid, 'SIGKILL');
  expect(await ended).toEqual([137, null]);
});

test('Bedside learns of a start that was killed', async () => {
  await using dir = await makeTempDir();
  const { child, next } = await start(machineNode, [await makeCheckout(dir.path)]);
  child.kill('SIGKILL');
  expect(await next()).toBe('parent gone');
});

test.each([
  ['with a shell between', (command: string) => `sh -c '${command}; true'; true`],
  ['with nothing between', (command: string) => `${command}; true`],
])('Bedside is stopped when its npm is killed, %s', async (_, line) => {
  await using dir = await makeTempDir();
  const script = await makeCheckout(dir.path);
  const npm = await start('/bin/bash', ['-c', line(`${machineNode} ${script}`)], { npm_lifecycle_event: 'start' });
  npm.child.kill('SIGKILL');
  expect(await npm.next()).toBe('SIGTERM');
  process.kill(npm.bedsidePid, 'SIGUSR2');
  expect(await npm.next()).toBe('undefined');
});

test('a set-up that cannot be done ends with 1, and Bedside is not started', async () => {
  await using dir = await makeTempDir();
  const child = spawn(machineNode, [await makeCheckout(dir.path, failingPrepare)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += `out: ${chunk}`;
  });
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(said).toBe('what to do');
});

test('a lockfile that is not there is told without a stack', async () => {
  await using dir = await makeTempDir();
  const script = await makeCheckout(dir.path);
  await writeFile(join(dir.path, 'package-lock.json'), '{ half');
  const child = spawn(machineNode, [script], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(said).toMatch(/package-lock\.json is missing or damaged\n\nRun:\n {2}git checkout package-lock\.json/);
  expect(said).not.toMatch(/^\s+at /m);
});
