import { expect, test } from 'vitest';
import { ensurePackages } from './apt.ts';
import { SetupFailure } from './report.mjs';

const need = { why: 'Building the thing', packages: ['cmake', 'g++'] };

function makeApt(isRoot: boolean, code: number | undefined) {
  const calls: string[] = [];
  const run = async (program: string, args: readonly string[]) => {
    calls.push([program, ...args].join(' '));
    return { code, output: 'E: Unable to locate package' };
  };
  return { isRoot, run, calls };
}

async function failureOf(task: Promise<unknown>): Promise<SetupFailure> {
  const cause = await task.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (cause instanceof SetupFailure) return cause;
  throw new Error('no set-up failure', { cause });
}

test('nothing missing: apt is not called', async () => {
  const apt = makeApt(true, 0);
  await ensurePackages(need, () => undefined, { apt, missing: [] });
  expect(apt.calls).toEqual([]);
});

test('root gets what is missing installed, waiting for another’s lock', async () => {
  const apt = makeApt(true, 0);
  const notes: string[] = [];
  await ensurePackages(need, (line) => notes.push(line), { apt, missing: ['g++'] });
  expect(apt.calls).toEqual([
    'apt-get -o DPkg::Lock::Timeout=120 update -qq',
    'apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends -qq g++',
  ]);
  expect(notes).toEqual(['apt-get install g++']);
});

test('anybody else is told exactly what to run, and nothing is tried', async () => {
  const apt = makeApt(false, 0);
  const failure = await failureOf(ensurePackages(need, () => undefined, { apt, missing: ['cmake', 'g++'] }));
  expect(failure.message).toBe('Building the thing needs packages that only root can install.');
  expect(failure.commands).toEqual([
    'sudo apt-get update && sudo apt-get install -y --no-install-recommends cmake g++',
  ]);
  expect(apt.calls).toEqual([]);
});

test.each([
  ['apt fails', 100, /could not be installed \(g\+\+\): E: Unable to locate package/],
  ['there is no apt', undefined, /there is no apt-get on this machine/],
])('%s: the message names the packages and the reason', async (_, code, message) => {
  const apt = makeApt(true, code);
  const failure = await failureOf(ensurePackages(need, () => undefined, { apt, missing: ['g++'] }));
  expect(failure.message).toMatch(message);
});
