/** Starts a Postgres as its argument says, tells where, and keeps it until SIGTERM; SIGKILL leaves it alone. */
import { type EmbeddedPostgresOptions, startEmbeddedPostgres } from '../../postgres/launcher.ts';

const options = JSON.parse(process.argv[2] ?? '') as Omit<EmbeddedPostgresOptions, 'log'>;
const lines: string[] = [];
try {
  const postgres = await startEmbeddedPostgres({ ...options, log: (line) => lines.push(line) });
  process.once('SIGTERM', () => void postgres.close());
  const { pid, dataDir, connectionString } = postgres;
  process.stdout.write(`${JSON.stringify({ pid, dataDir, connectionString, lines })}\n`);
} catch (cause) {
  process.stderr.write(String(cause));
  process.exitCode = 1;
}
