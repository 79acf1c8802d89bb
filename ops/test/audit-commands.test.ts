import { execFile } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createCore } from '@bedside/core';
import { createRegistry, Health, MemoryBus, silentLogger, systemClock } from '@bedside/kit';
import { makeTempDir } from '@bedside/kit/temp-dir';
import { busErrors } from '@bedside/protocol';
import { expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../postgres/launcher.ts';
import { upConfig } from '../up/config.ts';

const run = promisify(execFile);
const checkout = join(import.meta.dirname, '../..');

/** What a program printed and how it ended. */
const ran = async (env: NodeJS.ProcessEnv, ...args: string[]) => {
  const done = await run(process.execPath, args, { cwd: checkout, env }).catch((failure: unknown) => failure);
  const { stdout, stderr, code } = done as { stdout: string; stderr: string; code?: number };
  return { stdout, stderr, code: code ?? 0 };
};

test('the trail of a running Bedside is exported, judged, and goes on with another key', {
  timeout: 240_000,
}, async () => {
  await using dir = await makeTempDir();
  const dataDir = join(dir.path, 'data');
  const env = { PATH: process.env.PATH, BEDSIDE_DATA_DIR: dataDir };
  const audit = (...args: string[]) => ran(env, 'ops/audit/main.ts', ...args);
  const file = (name: string): string => join(dir.path, name);

  expect(await audit('export', '--out', file('none.jsonl'))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('npm start'),
  });

  await using postgres = await startEmbeddedPostgres({
    dataDir: join(dataDir, 'postgres'),
    log: () => undefined,
    durable: false,
  });
  const bus = new MemoryBus({ errors: busErrors, onHandlerError: () => undefined });
  const shared = { bus, log: silentLogger, registry: createRegistry(), health: new Health(), clock: systemClock };
  await using core = await createCore({ ...upConfig(env).core, databaseUrl: postgres.connectionString }, shared);
  await core.provisioning.upsertOrganization({ key: 'clinic', name: 'Clinic', timeZone: 'UTC' });

  const first = await audit('key');
  await writeFile(file('public.json'), first.stdout);
  const changed = await audit('key', '--change');
  expect(JSON.parse(changed.stdout)).toMatchObject({ kty: 'OKP', crv: 'Ed25519' });
  expect(changed.stdout).not.toBe(first.stdout);
  expect(changed.stdout).not.toContain('"d"');

  const out = file('trail.jsonl');
  expect(await audit('export', '--out', out)).toMatchObject({ code: 0, stderr: '' });
  expect((await stat(out)).mode & 0o777).toBe(0o600);
  expect(await readFile(out, 'utf8')).toContain('"action":"audit.export"');
  const judged = await ran(env, 'core/src/audit/verify/main.ts', '--export', out, '--key', file('public.json'));
  expect(judged).toMatchObject({ code: 0, stdout: expect.stringContaining('The trail is intact.') });
  expect(await audit('export', '--out', out)).toMatchObject({ code: 1, stderr: expect.stringContaining('EEXIST') });

  expect(await audit('export', '--out', file('fhir.ndjson'), '--format', 'fhir')).toMatchObject({ code: 0 });
  const [resource = ''] = (await readFile(file('fhir.ndjson'), 'utf8')).split('\n');
  expect(JSON.parse(resource)).toMatchObject({ resourceType: 'AuditEvent', recorded: expect.any(String) });
  expect(await audit('export', '--nonsense')).toMatchObject({ code: 2, stderr: expect.stringContaining('Usage') });
});
