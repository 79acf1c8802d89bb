import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTempDir } from '@bedside/kit/temp-dir';
import { expect, test } from 'vitest';
import { DataDirInUseError, openDataDir } from '../data-dir.ts';
import { identifyProcess } from '../process-identity.ts';
import { acquireProcessLock, LockHeldError } from '../process-lock.ts';
import { startProgram } from './support/program.ts';

const self = identifyProcess(process.pid);
const since = '2026-01-01T00:00:00.000Z';

test('a lock has one holder, and is free again when given up', async () => {
  await using dir = await makeTempDir();
  const path = join(dir.path, 'lock');
  const lock = await acquireProcessLock({ path });
  await expect(acquireProcessLock({ path })).rejects.toThrow(LockHeldError);
  await lock.release();
  await lock.release();
  await using _ = await acquireProcessLock({ path });
});

test('giving up a lock leaves alone the lock of who took it since', async () => {
  await using dir = await makeTempDir();
  const path = join(dir.path, 'lock');
  const first = await acquireProcessLock({ path });
  await first.release();
  await using _ = await acquireProcessLock({ path });
  await first.release();
  await expect(acquireProcessLock({ path })).rejects.toThrow(LockHeldError);
});

test('a living process keeps its lock; kill -9 frees it', async () => {
  await using dir = await makeTempDir();
  const path = join(dir.path, 'lock');
  await using holder = await startProgram({ file: 'hold-lock.ts', argument: { path } });
  await expect(acquireProcessLock({ path })).rejects.toThrow(`process ${holder.pid} holds`);
  await holder.kill('SIGKILL');
  await using _ = await acquireProcessLock({ path });
});

test.each([
  ['a pid that is somebody else by now', { ...self, startTicks: '1', since }],
  ['a pid of before the reboot', { ...self, bootId: 'another', since }],
  ['a pid that nobody has', { ...self, pid: 2 ** 22 + 1, since }],
  ['no sense at all', 'half a fi'],
])('a lock that names %s is taken', async (_, content) => {
  await using dir = await makeTempDir();
  const path = join(dir.path, 'lock');
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  await using lock = await acquireProcessLock({ path });
  expect(lock).toBeDefined();
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid });
});

test('of many who find a dead lock one takes it', async () => {
  await using dir = await makeTempDir();
  const path = join(dir.path, 'lock');
  await writeFile(path, 'dead');
  const tries = await Promise.allSettled(Array.from({ length: 12 }, () => acquireProcessLock({ path })));
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('who waits gets the lock when its holder goes', async () => {
  await using dir = await makeTempDir();
  const path = join(dir.path, 'lock');
  const first = await acquireProcessLock({ path });
  let waitsFor = 0;
  const onWait = ({ pid }: { pid: number }) => {
    waitsFor = pid;
    void first.release();
  };
  await using _ = await acquireProcessLock({ path, waitMs: 5_000, onWait });
  expect(waitsFor).toBe(process.pid);
});

test('a data folder has one Bedside; the second is told which and what to do', async () => {
  await using dir = await makeTempDir();
  const path = join(dir.path, 'deep', 'data');
  await using held = await openDataDir({ path });
  expect(held.path).toBe(path);
  const second = openDataDir({ path, waitMs: 0 });
  await expect(second).rejects.toThrow(DataDirInUseError);
  await expect(second).rejects.toThrow(
    new RegExp(`process ${process.pid}, since .*kill ${process.pid}.*BEDSIDE_DATA_DIR=`),
  );
});
