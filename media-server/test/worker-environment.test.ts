import { readFile } from 'node:fs/promises';
import { createRegistry, Health, MemoryBus, silentLogger } from '@bedside/kit';
import { busErrors } from '@bedside/protocol';
import { afterEach, expect, test } from 'vitest';
import { mediaServerConfig } from '../src/config.ts';
import { createMediaServer } from '../src/service.ts';

const SECRET = 'postgres://bedside:hunter2@db.example.org/bedside';
const saved = { ...process.env };
afterEach(() => {
  process.env = { ...saved };
});

test('a media worker sees nothing of the environment but where its libraries are', async () => {
  process.env.DATABASE_URL = SECRET;
  process.env.BEDSIDE_TURN_SECRET = 'a secret of the relay';
  await using media = await createMediaServer(
    mediaServerConfig({ ...process.env, BEDSIDE_MEDIA_WORKERS: '1', LD_LIBRARY_PATH: '/opt/lib' }),
    {
      bus: new MemoryBus({ errors: busErrors, onHandlerError: () => undefined }),
      log: silentLogger,
      registry: createRegistry(),
      health: new Health(),
    },
  );
  const environment = await readFile(`/proc/${media.workerPids[0]}/environ`, 'utf8');
  expect(environment).toContain('LD_LIBRARY_PATH=/opt/lib');
  const names = environment
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => entry.slice(0, entry.indexOf('=')));
  expect(names.filter((name) => !['MEDIASOUP_VERSION', 'LD_LIBRARY_PATH', 'TZ'].includes(name))).toEqual([]);
  // The process itself keeps what it was given.
  expect(process.env.DATABASE_URL).toBe(SECRET);
});
