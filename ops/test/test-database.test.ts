import pg from 'pg';
import { expect, test } from 'vitest';
import { createTestDatabase } from '../postgres/testing.ts';

async function query<Row extends pg.QueryResultRow>(connectionString: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

test('a test database is empty and sorts by code point whatever the machine', async () => {
  await using database = await createTestDatabase();
  const sorted = await query<{ word: string }>(
    database.connectionString,
    `SELECT word FROM (VALUES ('b'), ('ä'), ('a'), ('B')) AS words (word) ORDER BY word`,
  );
  expect(sorted.map(({ word }) => word)).toEqual(['B', 'a', 'b', 'ä']);
});

test('copies of a template share its content and nothing after; it is prepared once however many ask', async () => {
  let prepared = 0;
  const template = {
    name: 'sharing',
    prepare: async (connectionString: string) => {
      prepared += 1;
      await query(connectionString, 'CREATE TABLE note (line text)');
      await query(connectionString, `INSERT INTO note VALUES ('from the template')`);
    },
  };
  const [one, other] = await Promise.all([createTestDatabase({ template }), createTestDatabase({ template })]);
  await query(one.connectionString, `INSERT INTO note VALUES ('mine')`);
  expect(await query(one.connectionString, 'SELECT FROM note')).toHaveLength(2);
  expect(await query(other.connectionString, 'SELECT FROM note')).toHaveLength(1);
  expect(prepared).toBe(1);
  await Promise.all([one.drop(), other.drop()]);
});

test('a template whose preparation failed is made anew', async () => {
  const name = 'failing';
  const failing = { name, prepare: () => Promise.reject(new Error('no such migration')) };
  await expect(createTestDatabase({ template: failing })).rejects.toThrow('no such migration');
  await using database = await createTestDatabase({ template: { name, prepare: () => Promise.resolve() } });
  expect(await query(database.connectionString, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('dropping a database cuts off who is still connected', async () => {
  const database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.connectionString });
  const cut = new Promise<Error>((resolve) => {
    client.on('error', resolve);
  });
  await client.connect();
  await database.drop();
  expect((await cut).message).toMatch(/terminat/);
  await database.drop();
});
