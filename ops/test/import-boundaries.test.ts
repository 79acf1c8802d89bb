import { execFile } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { makeTempDir } from '@bedside/kit/temp-dir';
import { beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const root = dirname(dirname(import.meta.dirname));

/** ARCHITECTURE.md's table: each workspace, its folder, and the workspaces it may import. */
const workspaces: Record<string, { folder: string; imports: readonly string[] }> = {
  protocol: { folder: 'protocol', imports: [] },
  kit: { folder: 'kit', imports: [] },
  core: { folder: 'core', imports: ['protocol', 'kit'] },
  signaling: { folder: 'signaling', imports: ['protocol', 'kit'] },
  'media-server': { folder: 'media-server', imports: ['protocol', 'kit'] },
  turn: { folder: 'turn', imports: ['protocol', 'kit'] },
  sdk: { folder: 'clients/sdk', imports: ['protocol'] },
  web: { folder: 'clients/web', imports: ['sdk', 'protocol'] },
  loadtest: { folder: 'loadtest', imports: ['sdk', 'protocol', 'kit'] },
  e2e: { folder: 'e2e', imports: ['protocol', 'sdk', 'kit'] },
  ops: {
    folder: 'ops',
    imports: ['protocol', 'kit', 'core', 'signaling', 'media-server', 'turn', 'sdk', 'web', 'loadtest', 'e2e'],
  },
};

const names = Object.keys(workspaces);
const pairs = names.flatMap((from) => names.filter((to) => to !== from).map((to) => ({ from, to })));

interface Sample {
  file: string;
  code: string;
  isAllowed: boolean;
}

const folderOf = (name: string) => workspaces[name]?.folder ?? '';
const upFrom = (file: string) => '../'.repeat(file.split('/').length - 1);

const byName: Sample[] = pairs.map(({ from, to }) => ({
  file: `${folderOf(from)}/src/deep/by-name-${to}.ts`,
  code: `import { thing } from '@bedside/${to}';\nthing();\n`,
  isAllowed: workspaces[from]?.imports.includes(to) ?? false,
}));

const byPath: Sample[] = pairs.map(({ from, to }) => {
  const file = `${folderOf(from)}/src/deep/by-path-${to}.ts`;
  return {
    file,
    code: `import { thing } from '${upFrom(file)}${folderOf(to)}/src/thing.ts';\nthing();\n`,
    isAllowed: false,
  };
});

const others: Sample[] = [
  { file: 'core/src/re-export.ts', code: `export { thing } from '@bedside/signaling';\n`, isAllowed: false },
  { file: 'core/src/type.ts', code: `export type { Thing } from '@bedside/signaling';\n`, isAllowed: false },
  { file: 'core/src/dynamic.ts', code: `await import('@bedside/signaling');\n`, isAllowed: false },
  {
    file: 'core/src/entry.ts',
    code: `import { thing } from '@bedside/media-server/inside';\nthing();\n`,
    isAllowed: false,
  },
  {
    file: 'core/src/testing.ts',
    code: `import { thing } from '@bedside/ops/postgres-testing';\nthing();\n`,
    isAllowed: false,
  },
  {
    file: 'core/test/testing.test.ts',
    code: `import { thing } from '@bedside/ops/postgres-testing';\nthing();\n`,
    isAllowed: true,
  },
  {
    file: 'core/test/launcher.test.ts',
    code: `import { thing } from '@bedside/ops/postgres';\nthing();\n`,
    isAllowed: false,
  },
  {
    file: 'signaling/src/handlers/client.ts',
    code: `import { thing } from '../core-client.ts';\nthing();\n`,
    isAllowed: true,
  },
  {
    file: 'clients/sdk/src/media/inside.ts',
    code: `import { thing } from '../signaling/session.ts';\nthing();\n`,
    isAllowed: true,
  },
  { file: 'e2e/src/people.ts', code: `import { thing } from '@bedside/ops/demo-people';\nthing();\n`, isAllowed: true },
  { file: 'e2e/src/database.ts', code: `import { thing } from '@bedside/ops/postgres';\nthing();\n`, isAllowed: true },
  { file: 'e2e/src/bedside.ts', code: `import { thing } from '@bedside/ops/data-dir';\nthing();\n`, isAllowed: false },
  { file: 'kit/src/bus/inside.ts', code: `import { thing } from '../../src/clock.ts';\nthing();\n`, isAllowed: true },
];

interface BiomeReport {
  diagnostics: { category: string; location: { path: string | { file: string } } }[];
}

/** The sample files that the project's own configuration refuses for what they import. */
async function findRefused(samples: readonly Sample[]): Promise<Set<string>> {
  await using dir = await makeTempDir();
  await copyFile(join(root, 'biome.json'), join(dir.path, 'biome.json'));
  for (const { file, code } of samples) {
    await mkdir(dirname(join(dir.path, file)), { recursive: true });
    await writeFile(join(dir.path, file), code);
  }
  const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const args = [
    'lint',
    '--only=style/noRestrictedImports',
    '--vcs-enabled=false',
    '--max-diagnostics=none',
    '--reporter=json',
    '.',
  ];
  const { stdout } = await run(process.execPath, [biome, ...args], { cwd: dir.path }).catch(
    (cause: { stdout: string }) => cause,
  );
  const { diagnostics } = JSON.parse(stdout) as BiomeReport;
  return new Set(diagnostics.map(({ location: { path } }) => (typeof path === 'string' ? path : path.file)));
}

let refused: Set<string>;

beforeAll(async () => {
  refused = await findRefused([...byName, ...byPath, ...others]);
});

const refusedIn = (samples: readonly Sample[]) =>
  samples.filter(({ file }) => refused.has(file)).map(({ file }) => file);
const forbiddenIn = (samples: readonly Sample[]) =>
  samples.filter(({ isAllowed }) => !isAllowed).map(({ file }) => file);

test.each(names)('%s imports by name what the table allows and nothing else', (name) => {
  const samples = byName.filter(({ file }) => file.startsWith(`${folderOf(name)}/`));
  expect(refusedIn(samples)).toEqual(forbiddenIn(samples));
});

test.each(names)('%s imports nothing by a path into another workspace', (name) => {
  const samples = byPath.filter(({ file }) => file.startsWith(`${folderOf(name)}/`));
  expect(refusedIn(samples)).toEqual(forbiddenIn(samples));
});

test.each(others)('$file is allowed: $isAllowed', ({ file, isAllowed }) => {
  expect(!refused.has(file)).toBe(isAllowed);
});
