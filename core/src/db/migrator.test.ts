import { describe, expect, it } from 'vitest';
import { checksumOf, loadMigrations, MigrationError, pendingMigrations } from './migrator.ts';

const migrations = ['0001_one', '0002_two', '0003_three'].map((name) => ({ name, sql: `-- ${name}` }));
const applied = (count: number) =>
  migrations.slice(0, count).map((migration) => ({ name: migration.name, checksum: checksumOf(migration) }));

describe('migrations left to do', () => {
  it.each([0, 1, 2, 3])('are those after the %i that were done', (count) => {
    expect(pendingMigrations(migrations, applied(count))).toEqual(migrations.slice(count));
  });

  it('are none where the database is newer, has another history, or was made by another text', () => {
    const [first, second] = applied(2);
    if (first === undefined || second === undefined) throw new Error('unreachable');
    expect(() => pendingMigrations(migrations.slice(0, 1), [first, second])).toThrow(MigrationError);
    expect(() => pendingMigrations(migrations, [second])).toThrow(MigrationError);
    expect(() => pendingMigrations(migrations, [{ ...first, checksum: 'other' }])).toThrow(MigrationError);
  });

  it('do not depend on how a checkout ends its lines', () => {
    expect(checksumOf({ name: 'a', sql: 'one\r\ntwo' })).toBe(checksumOf({ name: 'a', sql: 'one\ntwo' }));
  });

  it('are numbered without gaps', async () => {
    const names = (await loadMigrations()).map((migration) => migration.name);
    expect(names.map((name) => Number(name.slice(0, 4)))).toEqual(names.map((_, index) => index + 1));
  });
});
