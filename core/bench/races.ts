import { join } from 'node:path';
import { silentLogger } from '@bedside/kit';
import { makeTempDir } from '@bedside/kit/temp-dir';
import { startEmbeddedPostgres } from '@bedside/ops/postgres';
import { OwnerDatabase } from '../src/db/database.ts';
import { loadMigrations, migrate } from '../src/db/migrator.ts';
import { makeRaceClinic } from '../test/support/race-clinic.ts';
import { runRaces } from '../test/support/races.ts';

// The long form of races.test.ts: `npm run races:scheduling [rounds]`. Each round has another seed and an
// organization of its own. Ends with 1 where anything was lost, asked for by nobody, or in two places.

const rounds = Number(process.argv[2] ?? 5);
await using folder = await makeTempDir();
const postgres = await startEmbeddedPostgres({
  dataDir: join(folder.path, 'postgres'),
  log: () => undefined,
  durable: false,
  database: 'races',
  settings: { max_connections: '200' },
});
const database = OwnerDatabase.open({ url: postgres.connectionString, poolSize: 4, log: silentLogger });
let isClean = true;
try {
  await migrate(database.db, await loadMigrations());
  for (let round = 1; round <= rounds; round++) {
    const clinic = await makeRaceClinic(database.db, { key: `races-${round}`, providers: 4, patients: 20 });
    const report = await runRaces(database.db, {
      ...clinic,
      connectionString: postgres.connectionString,
      clockSpeed: 120,
      seed: round,
      processes: 6,
      kills: 4,
      turns: 150,
    });
    const { faults, failures, lost, unasked } = report;
    isClean &&=
      failures.length + lost.length + unasked.length === 0 && Object.values(faults).every((count) => count === 0);
    process.stdout.write(`${JSON.stringify({ round, ...report })}\n`);
  }
} finally {
  await database.close();
  await postgres.close();
}
process.exitCode = isClean ? 0 : 1;
