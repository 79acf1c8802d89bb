import { readdir, readFile } from 'node:fs/promises';
import { createTestDatabase } from '@bedside/ops/postgres-testing';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { loadMigrations, migrate } from '../src/db/migrator.ts';
import { createMigratedDatabase, openDatabase } from './support/database.ts';
import { describeSchema } from './support/schema.ts';

const migrations = await loadMigrations();
const fixtures = new URL('./fixtures/', import.meta.url);

/**
 * Data as a database has them after a migration: those of the last one that changed what earlier data look like
 * (`data-after-`), and what each one since then adds (`data-added-by-`).
 */
const dataAfter = async (name: string): Promise<string> => {
  const files = await readdir(fixtures);
  const upTo = migrations.slice(0, migrations.findIndex((migration) => migration.name === name) + 1);
  const first = upTo.findLastIndex((migration) => files.includes(`data-after-${migration.name}.sql`));
  const added = upTo.slice(first + 1).map((migration) => `data-added-by-${migration.name}.sql`);
  const wanted = [`data-after-${upTo[first]?.name}.sql`, ...added.filter((file) => files.includes(file))];
  return (await Promise.all(wanted.map((file) => readFile(new URL(file, fixtures), 'utf8')))).join('');
};

describe('migrations', () => {
  it('make the schema that the snapshot shows, from nothing', async () => {
    await using test = await createTestDatabase();
    const database = openDatabase(test.connectionString, 2);
    expect(await migrate(database.db, migrations)).toBe(migrations.length);
    expect(await migrate(database.db, migrations)).toBe(0);
    await expect(await describeSchema(database.db)).toMatchFileSnapshot('./fixtures/schema.txt');
    await database.close();
  });

  it.each(migrations.map((migration, index) => [migration.name, index + 1] as const))(
    'go on from %s with data in it',
    async (name, applied) => {
      await using test = await createTestDatabase();
      const database = openDatabase(test.connectionString, 2);
      await migrate(database.db, migrations.slice(0, applied));
      await sql.raw(await dataAfter(name)).execute(database.db);
      expect(await migrate(database.db, migrations)).toBe(migrations.length - applied);
      const messages = await database.db
        .selectFrom('messages')
        // In the clear until the task `phi-seal` comes; later fixtures have it between what a sealed value has around it.
        .select(sql<string>`coalesce(text, convert_from(substr(sealed_text, 18, 9), 'UTF8'))`.as('text'))
        .execute();
      expect(messages).toEqual([{ text: 'Guten Tag' }]);
      await database.close();
    },
  );

  it('run once when several processes start at once', async () => {
    await using test = await createTestDatabase();
    const databases = Array.from({ length: 4 }, () => openDatabase(test.connectionString, 2));
    const applied = await Promise.all(databases.map((database) => migrate(database.db, migrations)));
    expect(applied.reduce((sum, count) => sum + count)).toBe(migrations.length);
    await Promise.all(databases.map((database) => database.close()));
  });

  it('refuse a database of a newer release, and one whose migration is another', async () => {
    await using test = await createMigratedDatabase();
    const database = openDatabase(test.connectionString, 2);
    const changed = migrations.map((migration, index) =>
      index === 0 ? { ...migration, sql: `${migration.sql}-- changed` } : migration,
    );
    await expect(migrate(database.db, changed)).rejects.toThrow(
      /0001_foundation differs from the one that was applied/,
    );
    await sql`INSERT INTO schema_migrations (name, checksum) VALUES ('9999_future', 'x')`.execute(database.db);
    await expect(migrate(database.db, migrations)).rejects.toThrow(/9999_future.*newer Bedside/);
    await database.close();
  });

  it('leave nothing of a migration that fails', async () => {
    await using test = await createMigratedDatabase();
    const database = openDatabase(test.connectionString, 2);
    const broken = { name: '9999_broken', sql: 'CREATE TABLE half_done (id int); SELECT 1 / 0;' };
    await expect(migrate(database.db, [...migrations, broken])).rejects.toThrow();
    const { rows } = await sql<{ name: string | null }>`SELECT to_regclass('half_done')::text AS name`.execute(
      database.db,
    );
    expect(rows).toEqual([{ name: null }]);
    expect(await migrate(database.db, migrations)).toBe(0);
    await database.close();
  });
});
