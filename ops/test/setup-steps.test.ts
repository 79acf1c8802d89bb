import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTempDir } from '@bedside/kit/temp-dir';
import { expect, test } from 'vitest';
import { findChromium, provideChromium } from '../setup/chromium.ts';
import { hashSources } from '../setup/client.ts';
import { provideNetworkTools } from '../setup/network-tools.ts';

const report = { begin: () => undefined, progress: () => undefined, note: () => undefined };

test('the browser is the named one, else the first on the PATH', async () => {
  await using dir = await makeTempDir();
  await mkdir(join(dir.path, 'empty'));
  await symlink('/bin/true', join(dir.path, 'google-chrome'));
  const path = `${join(dir.path, 'empty')}::${dir.path}`;
  expect(findChromium(path)).toBe(join(dir.path, 'google-chrome'));
  expect(findChromium(join(dir.path, 'empty'))).toBeUndefined();
  expect(await provideChromium({ PATH: path }, report)).toBe(join(dir.path, 'google-chrome'));
  expect(await provideChromium({ PATH: path, CHROMIUM_BIN: '/bin/true' }, report)).toBe('/bin/true');
});

test('the network tests’ tools are installed by root, and where they cannot be had nothing stops', async () => {
  const calls: string[] = [];
  const notes: string[] = [];
  const apt = (isRoot: boolean, code: number) => ({
    isRoot,
    run: async (program: string, args: readonly string[]) => {
      calls.push([program, ...args].join(' '));
      return { code, output: 'no network' };
    },
  });
  const noting = { ...report, note: (line: string) => void notes.push(line) };
  await provideNetworkTools(noting, { apt: apt(true, 0), missing: [] });
  await provideNetworkTools(noting, { apt: apt(false, 0), missing: ['nftables'] });
  expect([calls, notes]).toEqual([[], []]);
  await provideNetworkTools(noting, { apt: apt(true, 100), missing: ['nftables'] });
  expect(calls.at(-1)).toMatch(/install .*nftables$/);
  expect(notes.at(-1)).toBe('not to be had: nftables; the tests that need them are left out');
});

test('a named browser that is not there is refused', async () => {
  await expect(provideChromium({ CHROMIUM_BIN: '/nowhere/chromium' }, report)).rejects.toThrow(/CHROMIUM_BIN names/);
});

test('the client is rebuilt when a source, the protocol or the lockfile changes, not when a test or its output does', async () => {
  await using dir = await makeTempDir();
  const write = async (path: string, content: string) => {
    await mkdir(join(dir.path, path, '..'), { recursive: true });
    await writeFile(join(dir.path, path), content);
    return hashSources(dir.path);
  };
  await mkdir(join(dir.path, 'protocol'));
  await mkdir(join(dir.path, 'clients'));
  await write('package-lock.json', '{}');
  const first = await write('clients/web/src/main.tsx', 'render()');
  expect(await write('clients/web/src/main.test.tsx', 'test()')).toBe(first);
  expect(await write('clients/web/dist/index.html', '<p>')).toBe(first);
  const second = await write('clients/web/src/main.tsx', 'render(2)');
  const third = await write('protocol/src/ids.ts', 'export {}');
  const fourth = await write('package-lock.json', '{"packages":{}}');
  expect(new Set([first, second, third, fourth]).size).toBe(4);
});
