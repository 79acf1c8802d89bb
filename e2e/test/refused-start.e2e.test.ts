import { once } from 'node:events';
import { createServer } from 'node:net';
import { takePorts } from '@bedside/kit/ports';
import { describe, expect, test } from 'vitest';
import { startBedside } from '../src/bedside.ts';
import { startDatabase } from '../src/database.ts';
import { pretendPostgres, refusedStart } from './support/refused-start.ts';

/** Sentences for a person: no place in code, no JSON, nothing of a secret, and short enough to be read. */
const expectPlainWords = ({ exitCode, said }: { exitCode: number | null; said: string }): void => {
  expect(exitCode).toBe(1);
  expect(said).not.toMatch(/^\s+at /m);
  expect(said).not.toContain('{"');
  expect(said).not.toContain('hunter2');
  expect(said.split('\n').length).toBeLessThan(12);
};

test('a port in use is told with a port to use instead', async () => {
  const port = await takePorts(2);
  const other = createServer().listen(port, '127.0.0.1');
  await once(other, 'listening');
  try {
    const start = await refusedStart({ port });
    expectPlainWords(start);
    expect(start.said).toContain(`Port ${port} on 127.0.0.1 is already in use`);
    expect(start.said).toContain(`BEDSIDE_PORT=${port + 1} npm start`);
  } finally {
    other.close();
  }
});

describe('a DATABASE_URL that leads nowhere', () => {
  test.each([
    { what: 'nothing listens', sqlState: 'closed', words: 'nothing listens there. Check host and port' },
    { what: 'a wrong password', sqlState: '28P01', words: 'it refused the user name or the password' },
    { what: 'an unknown database', sqlState: '3D000', words: 'it has no database of that name' },
    { what: 'no answer at all', sqlState: undefined, words: 'it does not answer. Check host, port and firewall' },
  ])('$what', async ({ sqlState, words }) => {
    const server = await pretendPostgres(sqlState);
    if (sqlState === 'closed') await server[Symbol.asyncDispose]();
    try {
      const start = await refusedStart({ env: { DATABASE_URL: server.url } });
      expectPlainWords(start);
      expect(start.said).toContain('DATABASE_URL');
      expect(start.said).toContain(words);
    } finally {
      await server[Symbol.asyncDispose]();
    }
  });

  test('a host that is not known', async () => {
    const url = 'postgres://clinic:hunter2@postgres.invalid/clinic';
    const start = await refusedStart({ env: { DATABASE_URL: `${url}?sslmode=verify-full` } });
    expectPlainWords(start);
    expect(start.said).toMatch(/its host name (is not known|cannot be looked up)/);
  });

  test('another machine in the clear', async () => {
    const start = await refusedStart({ env: { DATABASE_URL: 'postgres://clinic:hunter2@postgres.invalid/clinic' } });
    expectPlainWords(start);
    expect(start.said).toMatch(/DATABASE_URL: .* over TLS only; add \?sslmode=verify-full/);
  });

  test('a role that a real PostgreSQL does not have', async () => {
    await using database = await startDatabase();
    const url = new URL(database.url);
    url.username = 'nobody_of_this_name';
    const start = await refusedStart({ env: { DATABASE_URL: url.href } });
    expectPlainWords(start);
    expect(start.said).toMatch(/does not let this user in|refused the user name/);
  });
});

test('a data folder that another Bedside uses is told with who that is', async () => {
  await using first = await startBedside();
  const second = await refusedStart({ dataDir: first.dataDir });
  expectPlainWords(second);
  expect(second.said).toContain(`Another Bedside (process ${first.pid}`);
  expect(second.said).toContain('BEDSIDE_DATA_DIR=');
  expect((await fetch(`${first.origin}/readyz`)).status).toBe(200);
});

test('every problem of the environment is told at once, without the values', async () => {
  const start = await refusedStart({
    env: {
      BEDSIDE_PORT: 'hunter2',
      BEDSIDE_LOG_LEVEL: 'loud',
      BEDSIDE_PUBLIC_URL: 'hunter2',
      BEDSIDE_MEDIA_WORKERS: 'many',
      DATABASE_URL: 'mysql://clinic:hunter2@localhost/clinic',
    },
  });
  expectPlainWords(start);
  for (const name of [
    'BEDSIDE_PORT',
    'BEDSIDE_LOG_LEVEL',
    'BEDSIDE_PUBLIC_URL',
    'BEDSIDE_MEDIA_WORKERS',
    'DATABASE_URL',
  ])
    expect(start.said).toContain(name);
});
