import { access } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { type BedsideOptions, BedsideStartError, startBedside } from '../src/bedside.ts';
import { isRunning, memoryOf } from '../src/process-tree.ts';

const program = new URL('./support/pretend-bedside.mjs', import.meta.url).pathname;
const start = (options: BedsideOptions = {}) => startBedside({ program, ...options });

test('waits for the ready line, knows its processes, and stops as by Ctrl-C', async () => {
  await using bedside = await start();
  expect(bedside.origin).toBe(`http://localhost:${bedside.port}`);
  const members = await bedside.processes();
  expect(members.map(({ pid }) => pid)[0]).toBe(bedside.pid);
  expect(members).toHaveLength(2);
  expect((await memoryOf(bedside.pid)).rssBytes).toBeGreaterThan(10_000_000);
  expect(await bedside.stop()).toBe(0);
  expect(bedside.output()).toContain('stopped');
});

test('SIGKILL of the process alone gives back the orphans; of the tree there are none', async () => {
  const alone = await start();
  const orphans = await alone.kill('process');
  expect(orphans).toHaveLength(1);
  await alone.close();
  for (const orphan of orphans) expect(await isRunning(orphan)).toBe(false);

  await using whole = await start();
  const members = await whole.processes();
  await whole.kill('tree');
  for (const member of members) expect(await isRunning(member)).toBe(false);
});

test('a start that fails is an error with the code and what was said', async () => {
  const failure = await start({ env: { PRETEND: 'fail' } }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(BedsideStartError);
  expect(failure).toMatchObject({
    exitCode: 1,
    output: expect.stringContaining('DATABASE_URL leads nowhere') as string,
  });
});

test('its data goes with it, unless they were given', async () => {
  const bedside = await start();
  await bedside.close();
  await expect(access(bedside.dataDir)).rejects.toThrow();
});
