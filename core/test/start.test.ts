import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRegistry, Health, MemoryBus, silentLogger } from '@bedside/kit';
import { busErrors } from '@bedside/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { coreConfig } from '../src/config.ts';
import { loadSigningKey } from '../src/grants/signing-key.ts';
import { createCore } from '../src/service.ts';
import { startClinic, startVisit } from './support/clinic.ts';
import { CuttableProxy } from './support/cuttable-proxy.ts';

const start = (databaseUrl: string) =>
  createCore(
    coreConfig({
      DATABASE_URL: databaseUrl,
      BEDSIDE_OIDC_ISSUER: 'http://localhost:9',
      BEDSIDE_OIDC_CLIENT_ID: 'test',
    }),
    {
      bus: new MemoryBus({ errors: busErrors, onHandlerError: () => undefined }),
      log: silentLogger,
      registry: createRegistry(),
      health: new Health(),
      clock: Date.now,
    },
  );

describe('start', () => {
  it('says what is wrong with DATABASE_URL, and never what stands in it', async () => {
    await using clinic = await startClinic();
    const wrongName = clinic.config.databaseUrl.replace(/\/test_[0-9a-f]+/, '/no_such_database');
    for (const [url, sentence] of [
      ['postgres://bedside:hunter2@127.0.0.1:1/bedside', /nothing listens there/],
      ['postgres://bedside:hunter2@localhost/bedside?host=/nowhere', /its socket does not exist/],
      ['postgres://bedside:hunter2@no-such-host.invalid/bedside?sslmode=verify-full', /its host name/],
      [wrongName, /no database of that name/],
    ] as const) {
      const failure = await start(url).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(failure).toMatchObject({ name: 'ConfigError', message: expect.stringMatching(sentence) });
      expect(String(failure)).toContain('DATABASE_URL');
      expect(String(failure)).not.toMatch(/hunter2|no_such_database|127\.0\.0\.1/);
    }
  });

  it('says that the database is away while it is, and carries on when it is back', async () => {
    await using stack = new AsyncDisposableStack();
    const way: { proxy?: CuttableProxy } = {};
    const clinic = stack.use(
      await startClinic(async (_origin, databaseUrl) => {
        const { proxy, url } = await CuttableProxy.open(databaseUrl);
        way.proxy = stack.use(proxy);
        return { databaseUrl: url };
      }),
    );
    const { patient, guest } = await startVisit(clinic);
    expect(await clinic.health.report()).toEqual({ ready: true, checks: { database: 'ok' } });

    way.proxy?.cut();
    expect(await patient.browser.get('/api/v1/me')).toMatchObject({ status: 503, code: 'unavailable' });
    await expect(clinic.ask('renewGrant', guest)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await clinic.health.report()).toEqual({ ready: false, checks: { database: 'failed' } });

    way.proxy?.restore();
    expect((await patient.browser.get('/api/v1/me')).status).toBe(200);
    await clinic.ask('renewGrant', guest);
    expect(await clinic.health.report()).toMatchObject({ ready: true });
  });

  it('closes once, however often it is told, and answers nobody after', async () => {
    await using clinic = await startClinic();
    const { guest } = await startVisit(clinic);
    await Promise.all([clinic.core.close(), clinic.core.close()]);
    expect(await clinic.health.report()).toEqual({ ready: true, checks: {} });
    await expect(clinic.ask('renewGrant', guest)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('the key that signs grants', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bedside-key-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is made once, for its owner only, whoever starts at once', async () => {
    const file = join(folder, 'below', 'grant-key.json');
    const keys = await Promise.all([loadSigningKey(file), loadSigningKey(file), loadSigningKey(file)]);
    expect(new Set(keys.map((key) => key.kid)).size).toBe(1);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await loadSigningKey(file)).kid).toBe(keys[0]?.kid);
    expect(JSON.stringify(keys[0]?.publicJwk)).not.toContain(JSON.parse(await readFile(file, 'utf8')).d);
  });

  it('is told to be restored when the file holds something else', async () => {
    const file = join(folder, 'grant-key.json');
    await writeFile(file, '{"kty":"RSA"}');
    await expect(loadSigningKey(file)).rejects.toThrow(/does not hold an Ed25519 key\. Restore it, or delete it/);
  });
});
